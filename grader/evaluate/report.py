"""Figures and rows as one HTML page that stands alone: no script, no outside address.

Every chart has a title, a sentence on how to read it, and its numbers as a table. All text from
data goes through `_text`; whatever else is put together here is markup of our own.
"""

import html
from collections.abc import Iterable, Mapping, Sequence

from grader.domain import Finding, Status
from grader.evaluate.metrics import BANDS, Figures, Row, band, confusion, pairs, reliability

WORST = 20
SIDE, LEFT, TOP, BOTTOM = 400, 46, 12, 44  # a square plot and the room for its axes, in SVG units
BAR, GAP = 18, 8  # of the bar chart
CONTRADICTING = ("swapped", "mixed")  # kinds marked apart: similarity alone grades these far too high

STYLE = """
:root{color-scheme:light dark;--page:#fbfbfa;--card:#fff;--ink:#1c2024;--soft:#5c656e;--line:#dfe3e6;--mark:#1f63c4;
--other:#b3470f;--wrong:#fbeadf}
@media (prefers-color-scheme:dark){:root{--page:#121416;--card:#1b1e21;--ink:#e7eaec;--soft:#a2abb3;--line:#363c42;
--mark:#7db0ff;--other:#ff9d66;--wrong:#432a1b}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:68rem;padding:2rem clamp(.9rem,4vw,2.5rem) 4rem;background:var(--page);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .3rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.6rem 0 .3rem}
h3{font-size:1rem;margin:0;overflow-wrap:anywhere}
p{margin:.2rem 0 .9rem}
.soft,figcaption span,summary,small{color:var(--soft)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,12rem),1fr));gap:.8rem;margin:0}
.tiles div,figure,article{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.9rem 1rem}
dt{font-size:.95rem}
dd{margin:0}
dd b{display:block;font-size:1.75rem;font-weight:650;line-height:1.25;font-variant-numeric:tabular-nums}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem;align-items:start}
figure{margin:0;min-width:0}
.charts figure:first-child{grid-row:span 2}
figcaption{margin-bottom:.7rem}
figcaption b,figcaption span{display:block}
figcaption span{font-size:.92rem}
svg{display:block;width:100%;height:auto;max-width:34rem;margin:0 auto}
svg text{fill:var(--soft);font-size:14px;font-family:inherit}
svg .value{fill:var(--ink)}
.grid{stroke:var(--line)}
.aim{stroke:var(--soft);stroke-dasharray:5 5}
.dot{fill:var(--mark);fill-opacity:.45}
.cross{stroke:var(--other);stroke-width:2;fill:none}
.bar{fill:var(--mark)}
.curve{fill:none;stroke:var(--mark);stroke-width:2.5}
summary{cursor:pointer;font-size:.92rem;margin-top:.6rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.92rem}
th,td{padding:.35rem .5rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
th{font-weight:600}
th:first-child,td:first-child,.verdicts th,.verdicts td{text-align:left}
.heat td{text-align:center;background:color-mix(in srgb,var(--mark) calc(var(--share)*45%),transparent)}
.heat th{text-align:center;font-size:.85rem}
.heat th,.heat td{padding:.35rem .25rem}
.heat th:first-child{text-align:left}
article{margin:1rem 0}
blockquote{margin:.7rem 0;padding:.1rem 0 .1rem .9rem;border-left:3px solid var(--line);white-space:pre-wrap;
overflow-wrap:anywhere;max-height:18rem;overflow-y:auto}
.verdicts{table-layout:fixed;overflow-wrap:anywhere}
.verdicts th:first-child{width:56%}
.verdicts td{text-align:left}
.verdicts .apart{background:var(--wrong)}
@media (max-width:32rem){.verdicts th:first-child{width:44%}th,td{padding:.3rem}}
@media print{body{max-width:none;padding:0}article,figure{break-inside:avoid}blockquote{max-height:none}}
"""


def html_report(rows: Sequence[Row], figures: Figures, title: str) -> str:
    """Page on how far grades and labels agree, and on the answers where they differ most."""
    charts = [_scatter(rows), _kinds(figures), _risk(figures)]
    if figures["concept_labels"]:
        charts = [charts[0], _confusion(rows), charts[1], _reliability(rows), charts[2]]
    core = figures["without_trivial"]
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{_text(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{_text(title)}</h1>
<p class="soft">{_size(figures)}</p>
<h2>Agreement at a glance</h2>
<p class="soft">The large figure is for all answers. The easy ones, {figures["answers"] - core["answers"]:,} of them,
are empty, stuffed with keywords, vague, or one fact only.</p>
<dl class="tiles">{"".join(_tiles(figures, core))}</dl>
<h2>In pictures</h2>
<div class="charts">{"".join(charts)}</div>
<h2>Where grade and label differ most</h2>
{_worst(rows)}
</main>
</body>
</html>
"""


def _text(value: object) -> str:
    """Text from data, safe as an element's content and in a quoted attribute."""
    # A lone surrogate cannot be written as UTF-8.
    return html.escape(str(value).encode("utf-8", "replace").decode())


# ---------------------------------------------------------------- figures


def _size(figures: Figures) -> str:
    missed = figures.get("ungraded", 0)
    left_out = f"; left out, for they could not be graded: {missed:,}" if missed else ""
    return (f"{figures['answers']:,} labelled answers to {figures['questions']:,} questions, "
            f"{figures['concept_labels']:,} labelled concepts{left_out}.")


def _tiles(figures: Figures, core: Figures) -> Iterable[str]:
    yield _tile("Correlation with the labels", "pearson", "{:.3f}", "Pearson; 1 agrees", figures, core)
    yield _tile("Mean absolute error", "mae", "{:.1f}", "points of 100", figures, core)
    yield _tile("Weighted kappa", "quadratic_weighted_kappa", "{:.3f}", "five bands; 0 is chance", figures, core)
    if figures["concept_labels"]:
        yield _tile("Macro F1 of concepts", "macro_f1", "{:.3f}", "covered, missing, contradicted", figures, core)
        yield _tile("Contradictions found", "contradiction_recall", "{:.0%}", "of the wrong claims", figures, core)
        yield _tile("Calibration error", "expected_calibration_error", "{:.3f}", "0 is best", figures, core)
    yield _tile("Labels inside the interval", "interval_coverage", "{:.0%}", "90% is meant", figures, core)
    if figures["ordering_questions"]:
        yield _tile("Questions in right order", "ordering_share", "{:.0%}", "right, mixed, swapped", figures, core)


def _tile(name: str, key: str, form: str, meaning: str, figures: Figures, core: Figures) -> str:
    return (f"<div><dt>{name}</dt><dd><b>{form.format(figures[key])}</b>"
            f"<small>{meaning}<br>without easy ones {form.format(core[key])}</small></dd></div>")


# ---------------------------------------------------------------- charts


def _scatter(rows: Sequence[Row]) -> str:
    dots, crosses = [], []
    for row in rows:
        x, y = _x(row.score / 100), _y(row.grade.score / 100)
        tip = f"<title>{_text(row.kind)}: label {row.score:g}, grade {row.grade.score:g}</title>"
        if row.kind in CONTRADICTING:
            crosses.append(f'<path class="cross" d="M{x - 4:.1f} {y - 4:.1f}l8 8m0-8l-8 8">{tip}</path>')
        else:
            dots.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4">{tip}</circle>')
    low, high = f'x1="{_x(0)}" y1="{_y(0)}"', f'x2="{_x(1)}" y2="{_y(1)}"'
    plot = _axes("label", "grade", 100) + f'<line class="aim" {low} {high}/>' + "".join(dots + crosses)
    seen = [[0] * BANDS for _ in range(BANDS)]
    for a, b in zip(band([r.score for r in rows]), band([r.grade.score for r in rows]), strict=True):
        seen[a][b] += 1
    names = [f"{n * 20}–{n * 20 + 20}" for n in range(BANDS)]
    table = _table(("label ↓ grade →", *names), [(name, *line) for name, line in zip(names, seen, strict=True)])
    return _figure("Label against grade", "Each mark is an answer; on the dashed line both agree. "
                   "Crosses are swapped and mixed answers, which hold wrong claims.", _square(plot), table)


def _reliability(rows: Sequence[Row]) -> str:
    bins = reliability(pairs(rows))
    marks = []
    for b in bins:
        if b.count:
            x, y, width = _x(b.low), _y(b.right), _x(b.high) - _x(b.low)
            tip = f"<title>confidence {b.confidence:.2f}, right {b.right:.2f}, {b.count:,} verdicts</title>"
            marks.append(f'<rect class="bar" x="{x + 2:.1f}" y="{y:.1f}" width="{width - 4:.1f}" '
                         f'height="{_y(0) - y:.1f}">{tip}</rect>')
    low, high = f'x1="{_x(0)}" y1="{_y(0)}"', f'x2="{_x(1)}" y2="{_y(1)}"'
    plot = _axes("confidence of the verdict", "share right", 1) + "".join(marks) + f'<line class="aim" {low} {high}/>'
    table = _table(("confidence", "verdicts", "mean confidence", "share right"),
                   [(f"{b.low:.1f}–{b.high:.1f}", f"{b.count:,}", f"{b.confidence:.2f}", f"{b.right:.2f}")
                    for b in bins if b.count])
    return _figure("Is confidence earned?", "Bars that end at the dashed line: of the verdicts that are 80% sure, "
                   "80% are right. Lower bars mean too much confidence.", _square(plot), table)


def _confusion(rows: Sequence[Row]) -> str:
    """Shaded table of counts: here the table is the picture."""
    lines = []
    for label, counts in confusion(pairs(rows)).items():
        total = sum(counts.values())
        shares = {n: n / max(1, total) for n in counts.values()}
        cells = "".join(f'<td style="--share:{shares[n]:.3f}">{n:,}<br><small>{shares[n]:.0%}</small></td>'
                        for n in counts.values())
        lines.append(f'<tr><th scope="row">{label.value}</th>{cells}</tr>')
    heads = "".join(f'<th scope="col">{s.value}</th>' for s in Status)
    caption = _caption("Verdicts on concepts", "Rows are what people say, columns what the grader says. "
                       "The diagonal is agreement; shares are of the row.")
    head = f'<tr><th scope="col">label ↓ grade →</th>{heads}</tr>'
    return f'<figure>{caption}<div class="wide"><table class="heat">{head}{"".join(lines)}</table></div></figure>'


def _kinds(figures: Figures) -> str:
    kinds = figures["by_kind"]
    most = max([of["mae"] for of in kinds.values()], default=0) or 1
    marks = []
    for n, (kind, of) in enumerate(kinds.items()):
        y, width = n * (BAR + GAP) + GAP, of["mae"] / most * 260
        middle = y + BAR * 0.75
        marks.append(f'<text x="96" y="{middle:.0f}" text-anchor="end">{_text(_cut(kind, 13))}</text>'
                     f'<rect class="bar" x="106" y="{y}" width="{width:.1f}" height="{BAR}"/>'
                     f'<text class="value" x="{112 + width:.1f}" y="{middle:.0f}">{of["mae"]:.1f}</text>')
    table = _table(("kind", "answers", "mean label", "mean grade", "mean error"),
                   [(_text(kind), f"{of['answers']:,}", f"{of['label']:.1f}", f"{of['score']:.1f}", f"{of['mae']:.1f}")
                    for kind, of in kinds.items()])
    height = len(kinds) * (BAR + GAP) + GAP
    return _figure("Error by kind of answer", "Mean absolute error in points; shorter is better.",
                   (f"0 0 420 {height}", "".join(marks)), table)


def _risk(figures: Figures) -> str:
    curve = {float(share.rstrip("%")) / 100: error for share, error in figures["risk_coverage"].items()}
    top = _ceiling(max(curve.values(), default=0))
    points = [(_x(share), _y(error / top)) for share, error in curve.items()]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle class="bar" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in points)
    plot = _axes("share of the grades, surest first (%)", "mean absolute error", 100, top)
    table = _table(("surest", "mean absolute error"),
                   [(share, f"{error:.1f}") for share, error in figures["risk_coverage"].items()])
    return _figure("Are the sure grades better?", "The curve should rise: an error that falls with fewer, surer grades "
                   "means that doubtful ones can be sent to a person.",
                   _square(f'{plot}<polyline class="curve" points="{line}"/>{dots}'), table)


def _x(share: float) -> float:
    return LEFT + share * SIDE


def _y(share: float) -> float:
    return TOP + (1 - share) * SIDE


def _ceiling(most: float) -> float:
    """First round number not below the largest value, so that fifths of it are short to write."""
    return next((c for c in (1, 5, 10, 20, 25, 50) if c >= most), 100)


def _axes(across: str, up: str, right: float, top: float | None = None) -> str:
    """Grid in fifths with its numbers, and the names of both axes."""
    top = right if top is None else top
    lines = []
    for n in range(6):
        x, y = _x(n / 5), _y(n / 5)
        lines.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{_y(0)}" y2="{_y(1)}"/>'
                     f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{y}" y2="{y}"/>'
                     f'<text x="{x}" y="{_y(0) + 18}" text-anchor="middle">{right * n / 5:g}</text>'
                     f'<text x="{LEFT - 6}" y="{y + 5}" text-anchor="end">{top * n / 5:g}</text>')
    return ("".join(lines) + f'<text x="{_x(0.5)}" y="{_y(0) + 38}" text-anchor="middle">{across}</text>'
            f'<text transform="translate(12 {_y(0.5)}) rotate(-90)" text-anchor="middle">{up}</text>')


def _square(marks: str) -> tuple[str, str]:
    return f"0 0 {LEFT + SIDE + 14} {TOP + SIDE + BOTTOM}", marks


def _figure(name: str, reading: str, drawing: tuple[str, str], table: str) -> str:
    """Caption, picture, and the same numbers as a table."""
    box, marks = drawing
    return (f'<figure>{_caption(name, reading)}<svg viewBox="{box}" role="img" aria-label="{name}. {reading}">'
            f"<title>{name}</title>{marks}</svg>"
            f'<details><summary>As a table</summary><div class="wide">{table}</div></details></figure>')


def _caption(name: str, reading: str) -> str:
    return f"<figcaption><b>{name}</b><span>{reading}</span></figcaption>"


def _table(heads: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """Table of cells that are markup already."""
    head = "".join(f'<th scope="col">{h}</th>' for h in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


# ---------------------------------------------------------------- the worst answers


def _worst(rows: Sequence[Row]) -> str:
    worst = [r for r in sorted(rows, key=lambda r: -abs(r.error)) if r.error][:WORST]
    if not worst:
        return "<p>Every grade is its label.</p>"
    return "".join(_article(n, row) for n, row in enumerate(worst, 1))


def _article(place: int, row: Row) -> str:
    grade = row.grade
    asked = _text(row.question or row.question_id)
    lines = "".join(_verdict(f, row.statuses or {}) for f in grade.concepts)
    return f"""<article>
<h3>{place}. {asked}</h3>
<p class="soft">{_text(row.kind)} · {_text(row.question_id)} · label <b>{row.score:g}</b>, grade <b>{grade.score:g}</b>
({grade.score_low:g}–{grade.score_high:g}), {abs(row.error):.1f} points too {"high" if row.error > 0 else "low"};
confidence {grade.confidence:.2f}</p>
<blockquote dir="auto" tabindex="0" aria-label="answer {place}">{_text(row.answer)}</blockquote>
<table class="verdicts"><tr><th scope="col">concept</th><th scope="col">label</th><th scope="col">grade</th></tr>{lines}
</table>
</article>
"""


def _verdict(finding: Finding, labels: Mapping[str, Status]) -> str:
    """Line of one concept; where the verdicts differ it is marked, in words too."""
    label = labels.get(finding.id)
    apart = label is not None and label is not finding.status
    said = f"{finding.status.value} <small>{finding.confidence:.2f}</small>"
    marked = ' class="apart"' if apart else ""
    return (f'<tr{marked}><td>{_text(finding.statement)} <small>{_text(finding.id)}</small></td>'
            f"<td>{label.value if label else '–'}</td><td>{'≠ ' if apart else ''}{said}</td></tr>")
