"""What a learner does, in few words."""

QUESTION = "security-group-vs-nacl"
RIGHT = "A network ACL applies to a whole subnet."  # the words of concept 2
# Against concept 3:
WRONG = "Security groups are not stateful: replies to allowed traffic are not allowed automatically."
LATER = "Network ACLs have both allow and deny rules."  # concept 6
ANSWER = f"🎉 Well: {RIGHT} {WRONG}"


def settled(page):
    """Waits until the view that the address asks for is there."""
    page.wait_for_selector("main[aria-busy=false]")
    return page


def ask(page, service, question=QUESTION, **options):
    """To a question by its address."""
    more = "&".join(f"{name}={value}" for name, value in options.items())
    page.goto(f"{service.url}#/q/{question}{'?' + more if more else ''}")
    page.wait_for_selector("main[aria-busy=false] textarea")
    return page


def answer(page, text=ANSWER):
    """Types an answer and waits for its grade."""
    page.fill("textarea", text)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".graded")
    return settled(page)


def outlined(page):
    """Whether the focused element shows that it is."""
    return page.evaluate("getComputedStyle(document.activeElement).outlineStyle") not in ("none", "")
