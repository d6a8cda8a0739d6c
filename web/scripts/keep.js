// What this browser keeps: drafts, answers not yet delivered, choices. The store is handed in; one that throws
// (private windows, a full disk) costs the memory, never the page.

const PREFIX = "grader:";

/** A small store of JSON values under names. */
export function keeper(storage) {
  const memory = new Map();
  return {
    get(name, otherwise = null) {
      try {
        const text = storage.getItem(PREFIX + name);
        return text === null ? (memory.get(name) ?? otherwise) : JSON.parse(text);
      } catch {
        return memory.get(name) ?? otherwise;
      }
    },
    set(name, value) {
      memory.set(name, value);
      try {
        storage.setItem(PREFIX + name, JSON.stringify(value));
        return true;
      } catch {
        return false;
      }
    },
    drop(name) {
      memory.delete(name);
      try {
        storage.removeItem(PREFIX + name);
      } catch {
        // nothing was kept
      }
    },
    clear() {
      memory.clear();
      try {
        for (const key of Object.keys(storage)) if (key.startsWith(PREFIX)) storage.removeItem(key);
      } catch {
        // nothing was kept
      }
    },
  };
}

export const draftName = (questionId) => `draft:${questionId}`;
export const pendingName = (questionId) => `pending:${questionId}`;
