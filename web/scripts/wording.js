// The words and marks of the page. Pure.

export const UNSURE = 0.6; // confidence below which a verdict is shown as unsure, as in the terminal

// Never by colour alone: each state has a mark and a word of its own.
export const STATES = {
  covered: { mark: "✓", word: "said right" },
  partial: { mark: "½", word: "half said" },
  missing: { mark: "○", word: "not said" },
  contradicted: { mark: "✗", word: "wrong" },
};

const VERDICTS = {
  strong: "Strong",
  good: "Good",
  partial: "Partly there",
  weak: "Weak",
  off_topic: "Off the topic",
  empty: "Nothing said yet",
};

const FLAGS = {
  empty: "There was nothing to grade.",
  too_short: "Very short: say each point in a full sentence.",
  keyword_list: "This reads as a list of words: say what each one does.",
  restates_question: "Part of this repeats the question, which earns nothing.",
  off_topic: "Most of this is about something else.",
  copied_reference: "This is the model answer almost word for word. Try it in your own words.",
  truncated: "Too long: only the first 20,000 characters were read.",
  not_english: "Only answers in English are understood.",
};

export const LEVELS = ["beginner", "intermediate", "advanced"];

export const MODES = {
  weakest: "My weakest",
  due: "Due today",
  new: "New to me",
  random: "Any",
};

export const verdictWords = (verdict) => VERDICTS[verdict] ?? titled(verdict);
export const flagWords = (flag) => FLAGS[flag] ?? titled(flag);
export const isUnsure = (concept) => concept.confidence < UNSURE;

/** How many words a text has. */
export function countWords(text) {
  return text.trim() ? text.trim().split(/\s+/u).length : 0;
}

/** "1 word", "2 words". */
export function count(n, one, many = `${one}s`) {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

/** "once", "twice", "three times". */
export function times(n) {
  const small = ["never", "once", "twice", "three times", "four times", "five times"];
  return small[n] ?? `${n} times`;
}

// Slugs are in small letters; these are not. A word that is missing here is only less pretty.
const CAPITALS = new Set(("acl acm alb ami api asg aws az cdk cdn ci cidr cli cname cors cpu dlq dms dns dr ebs ec2 ecr ecs efs eks emr "
  + "fifo gsi http https iac iam ip kms lsi mfa nacl nat nlb os rds rpo rto s3 sam sdk sla slo sns sqs sql ssl sso ssm sts tcp tls ttl "
  + "url vpc vpn waf").split(" "));
const NAMES = { gateway: "Gateway", lambda: "Lambda", cloudfront: "CloudFront", cloudwatch: "CloudWatch", dynamodb: "DynamoDB",
  aurora: "Aurora", fargate: "Fargate", kinesis: "Kinesis", route53: "Route 53", nosql: "NoSQL" };

/** A slug or a code as words with a capital: "content-delivery" is "Content delivery". */
export function titled(slug) {
  const words = slug.split(/[-_\s]+/u).map((word) => (CAPITALS.has(word) ? word.toUpperCase() : (NAMES[word] ?? word))).join(" ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a concept would have gained, in words; nothing where it would be under half a point. */
export function gainWords(gain) {
  const points = Math.round(gain);
  return points < 1 ? "" : `+${count(points, "point")} if said right`;
}

/** "62 of 100, very likely between 54 and 71". */
export function scoreWords({ score, score_low: low, score_high: high }) {
  return `${Math.round(score)} of 100, very likely between ${Math.round(low)} and ${Math.round(high)}`;
}

/** The calendar day of a moment where the learner is, as 2026-11-21. */
export function dayOf(moment) {
  const date = new Date(moment);
  const two = (n) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** "today", "yesterday", "5 days ago" or the date. */
export function since(moment, now) {
  const days = Math.round((midnight(now) - midnight(moment)) / 86_400_000);
  if (days <= 0) return "today";
  if (days === 1) return "yesterday";
  if (days < 14) return `${days} days ago`;
  return new Date(moment).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

// Noon, so that the hour that daylight saving adds or takes never makes another day.
function midnight(moment) {
  return new Date(`${dayOf(moment)}T12:00:00`).getTime();
}

/** Seconds as 1:05. */
export function clock(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}
