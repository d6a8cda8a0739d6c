"""A learner's way through the page, from the first visit to forgetting everything."""

import json

from playwright.sync_api import expect

from tests.e2e.steps import ANSWER, LATER, QUESTION, RIGHT, answer, ask, settled


def test_a_new_learner_goes_all_the_way(visit, service):
    page = visit(service.url)
    expect(page.locator(".intro")).to_be_visible()
    assert page.locator("h1.question").inner_text().endswith(("?", "."))
    assert page.locator("textarea").bounding_box()["y"] < 900  # all of it on the first screen

    answer(ask(page, service))
    assert page.locator(".points").first.inner_text().endswith("of 100")
    expect(page.locator("mark.is-covered")).to_contain_text(RIGHT)
    expect(page.locator("mark.is-contradicted")).to_contain_text("not allowed automatically")
    expect(page.locator(".concept.is-contradicted")).to_contain_text("Right is: ")
    expect(page.locator(".concept.is-missing .gain").first).to_contain_text("+")

    page.click("text=Improve my answer")
    settled(page)
    assert page.locator("textarea").input_value() == ANSWER
    answer(page, f"{ANSWER} {LATER}")
    expect(page.locator(".changes")).to_contain_text("more than before")
    expect(page.locator(".changes li").first).to_contain_text(LATER)

    page.click("text=Next question")
    settled(page)
    expect(page.locator(".intro")).to_have_count(0)
    assert QUESTION not in page.url

    page.click("nav >> text=Progress")
    page.wait_for_selector("h1:text('Progress')")
    expect(page.locator(".history li")).to_have_count(2)
    expect(page.locator("section:has-text('keep getting wrong') li")).to_contain_text("not allowed automatically")
    for chart in (".mastery", ".trend", ".calendar"):
        assert page.locator(f"figure:has({chart}) table tbody tr").count() >= 1
    page.click("nav >> text=Browse")
    page.wait_for_selector("h1:text('Questions')")
    page.fill("input[type=search]", "security groups network acls")
    page.wait_for_function("() => document.querySelectorAll('.questions li').length < 10")

    assert page.locator(".questions li:has-text('network ACLs') .best").first.inner_text().startswith("best ")

    page.click("nav >> text=Progress")
    with page.expect_download() as taken:
        page.click("text=Export everything")
    exported = json.loads(taken.value.path().read_text())
    assert [a["answer"] for a in exported["attempts"]].count(ANSWER) == 1

    page.click("text=Forget me")
    page.click("dialog >> text=Forget me")
    page.wait_for_selector(".intro")
    page.goto(service.url + "#/progress")
    page.wait_for_selector("text=Nothing yet")


def test_evidence_and_concept_light_each_other(visit, service):
    page = answer(ask(visit(service.url), service))
    lit = "(nodes) => nodes.map((node) => node.dataset.numbers)"

    page.hover("mark.is-covered")
    assert page.eval_on_selector_all(".concept.lit", lit) == ["2"]
    page.hover(".concept.is-contradicted >> nth=0")
    assert page.eval_on_selector_all("mark.lit", lit) == ["3"]
    page.mouse.move(2, 2)
    expect(page.locator(".lit")).to_have_count(0)
    page.focus("mark.is-covered")
    assert page.eval_on_selector_all(".concept.lit", lit) == ["2"]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.className").startswith("concept is-covered")
    page.click(".concept.is-covered .to-evidence")
    assert page.evaluate("document.activeElement.matches('mark.is-covered')")


def test_a_verdict_is_disputed_with_one_click_and_a_line(visit, service):
    page = answer(ask(visit(service.url), service))
    wrong = page.locator(".concept.is-contradicted").first
    wrong.locator("text=This verdict is wrong").click()
    wrong.locator("text=Noted for the question's author").wait_for()
    wrong.locator("input[name=why]").fill("I said <b>stateful</b>.")
    wrong.locator("text=Add").click()
    wrong.locator("text=I said <b>stateful</b>.").wait_for()

    page.reload()
    page.wait_for_selector("text=Noted for the question's author")


def test_hint_and_model_answer_are_shown_on_demand_and_noted(visit, service):
    page = ask(visit(service.url), service)
    expect(page.locator(".hint")).not_to_be_visible()
    page.click("text=Hint")
    expect(page.locator(".hint")).to_be_visible()
    answer(page)
    expect(page.locator(".eyebrow")).to_contain_text("with the hint")
    expect(page.locator(".reference p").first).not_to_be_visible()
    page.click("summary:has-text('The model answer')")
    expect(page.locator(".reference p").first).to_be_visible()
    page.click("text=Improve my answer")
    settled(page)
    answer(page, ANSWER + " More.")
    number = page.url.rsplit("/", 1)[1]
    kept = page.evaluate("(id) => fetch(`api/v1/learners/me/attempts/${id}`).then((r) => r.json())", number)
    assert kept["revealed"] is True


def test_the_choice_of_topic_and_level_is_kept_and_told(visit, service):
    page = visit(service.url)
    page.click("summary:has-text('What you are asked')")
    page.select_option("select[name=topic]", "iam")
    page.select_option("select[name=level]", "advanced")
    page.select_option("select[name=mode]", "random")
    page.click("text=Ask me that")
    page.wait_for_selector(".eyebrow:text('IAM · advanced')")
    assert page.locator(".why").inner_text()
    page.reload()
    page.wait_for_selector("summary:has-text('any, iam, advanced')")


def test_skipping_gives_another_question(visit, service):
    page = visit(service.url)
    for _ in range(3):
        before = page.locator("h1").inner_text()
        page.click("text=Another question")
        page.wait_for_function("(was) => document.querySelector('h1').innerText !== was", arg=before)


def test_two_learners_never_see_each_other(visit, service):
    one, two = visit(service.url), visit(service.url)
    answer(ask(one, service), f"{ANSWER} This is mine alone.")
    ask(two, service)
    two.goto(service.url + "#" + one.url.split("#")[1])
    two.wait_for_selector("text=That is not here")
    two.goto(service.url + "#/progress")
    two.wait_for_selector("text=Nothing yet")
    answer(ask(two, service), "Another learner's words.")
    for page in (one, two):
        page.goto(service.url + "#/progress")
        page.wait_for_selector(".history li")
        expect(page.locator(".history li")).to_have_count(1)


def test_a_resume_code_carries_on_in_another_browser(visit, service):
    one, two = visit(service.url), visit(service.url + "#/progress")
    answer(ask(one, service))
    one.goto(service.url + "#/progress")
    code = one.locator(".resume-code").inner_text()
    two.click("text=I have a resume code")
    two.fill("input[name=code]", "wrong code")
    two.click("text=Carry on here")
    two.wait_for_selector(".problem:not(:empty)")
    two.fill("input[name=code]", code.lower())
    two.click("text=Carry on here")
    two.wait_for_selector(".history li")
