"""What a learner knows, believes wrongly, and should be asked next. Pure: the moment is a parameter.

`fold` and `rebuild` make a `Summary` of attempts. From it `progress` shows masteries, misconceptions and what
is due, `choose` names the next question and why, and `cohort` sees a group without anybody's text.
"""

from grader.progress.choice import Mode, Next, choose
from grader.progress.group import Group, cohort, disputed
from grader.progress.summary import Rules, Summary, fold, rebuild
from grader.progress.view import Progress, progress

__all__ = [
    "Group", "Mode", "Next", "Progress", "Rules", "Summary", "choose", "cohort", "disputed", "fold", "progress",
    "rebuild",
]
