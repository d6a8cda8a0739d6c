"""Numbers and moments as a person would say them."""

from grader.progress.days import DAY


def ago(then: float, now: float) -> str:
    """How long ago, in words."""
    days = max(0.0, now - then) / DAY
    if days < 1 / 24:
        return "a moment ago"
    if days < 1:
        hours = round(days * 24)
        return "an hour ago" if hours == 1 else f"{hours} hours ago"
    if days < 1.5:
        return "a day ago"
    if days < 60:
        return f"{round(days)} days ago"
    return f"{round(days / 30.4)} months ago"


def share(mean: float) -> str:
    """A mastery in per cent; to the nearest five, because it is no surer than that."""
    return f"{5 * round(mean * 20)} %"
