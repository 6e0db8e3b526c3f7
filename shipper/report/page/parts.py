"""What several sections are built of."""

from collections.abc import Iterable, Sequence

from shipper.report.page.html import Child, Markup, element, named
from shipper.report.words import Words


def section(key: str, words: Words, *children: Child) -> Markup:
    """Return a section with its heading and, where there is one, a line that says how to read it."""
    note = words.texts.get(f"{key}_note", "")
    return element(
        "section",
        element("h2", words[f"{key}_title"]),
        element("p", note, class_="note") if note else None,
        *children,
        id=key,
        aria_label=words[f"{key}_title"],
    )


def table(caption: str, heads: Sequence[tuple[str, bool]], rows: Iterable[Sequence[Child]]) -> Markup:
    """Return a table.

    Args:
        caption: for those who do not see it; the heading above says it to the others.
        heads: name of each column, and whether it holds numbers.
        rows: one cell a column.
    """
    head = [element("th", name, scope="col", class_="number" if is_number else None) for name, is_number in heads]
    body = [
        element(
            "tr",
            *(
                element("td", cell, class_="number" if is_number else None)
                for cell, (_, is_number) in zip(row, heads, strict=True)
            ),
        )
        for row in rows
    ]
    return element(
        "div",
        element(
            "table",
            element("caption", caption, class_="unseen"),
            element("thead", element("tr", *head)),
            element("tbody", *body),
        ),
        class_="wide",
    )


def bar(part: int, whole: int, outcome: str, label: str) -> Markup:
    """Return a bar of ``part`` of ``whole`` with its figure beside it."""
    width = 100 * part / whole if whole else 0
    return element(
        "span",
        element("span", element("span", class_=f"fill {outcome}", style=f"width:{width:.2f}%"), class_="track"),
        element("span", label, class_="figure"),
        class_="bar",
    )


def badge(text: str, kind: str) -> Markup:
    """Return a short word with the colour of a state; the word says it without the colour."""
    return element("span", text, class_=f"badge {kind}")


def host(name: str) -> Markup:
    """Return the name of a host: its first label, with the rest in a smaller voice."""
    label, dot, domain = name.partition(".")
    return element(
        "span",
        named(label, 40, class_="host"),
        element("span", named(domain, 60), class_="faint block") if dot else None,
    )


def moment(text: str) -> Markup:
    """Return a time, which is not broken over lines."""
    return element("span", text, class_="moment")


def code(text: str) -> Markup:
    """Return a code, an id or a number as it is compared and copied."""
    return element("code", named(text, 80))


def steps(items: Iterable[str]) -> Markup | None:
    """Return sentences as a numbered list."""
    found = [element("li", item) for item in items]
    return element("ol", *found, class_="steps") if found else None


def fold(summary: str, *children: Child, prints: bool = True) -> Markup:
    """Return what is shown on demand; on paper it is shown, unless it only repeats a chart."""
    return element("details", element("summary", summary), *children, class_=None if prints else "figures")


def empty(text: str) -> Markup:
    """Return the sentence that stands where there is nothing."""
    return element("p", text, class_="nothing")
