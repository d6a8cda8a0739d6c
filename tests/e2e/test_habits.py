"""What people rely on: the keyboard, the back button, drafts, paper, narrow windows, bad connections."""

import pytest
from playwright.sync_api import expect

from tests.e2e.service import Service
from tests.e2e.steps import ANSWER, LATER, QUESTION, answer, ask, outlined, settled

HOSTILE = "<img src=x onerror=alert(1)>"


def test_by_keyboard_alone_with_the_focus_in_sight(visit, service):
    page = ask(visit(service.url), service)
    page.reload()
    settled(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    for _ in range(12):
        page.keyboard.press("Tab")
        assert outlined(page), page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
            break
    page.keyboard.type(ANSWER)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".graded")
    page.wait_for_function("() => document.activeElement.tagName === 'H1'")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "MARK"
    assert outlined(page)
    for key, shown in (("i", "textarea"), ("Escape", "textarea")):
        page.keyboard.press(key)
        page.wait_for_selector(shown)


def test_the_question_mark_shows_the_keys_and_escape_leaves(visit, service):
    page = answer(ask(visit(service.url), service))
    page.keyboard.press("?")
    page.wait_for_selector("dialog:has-text('Ctrl or')")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.keyboard.press("p")
    page.wait_for_selector("h1:text('Progress')")
    page.keyboard.press("b")
    page.wait_for_selector("h1:text('Questions')")
    page.keyboard.press("/")
    page.keyboard.type("n?p")
    assert page.locator("input[type=search]").input_value() == "n?p"


def test_single_keys_can_be_switched_off(visit, service):
    page = visit(service.url)
    page.click(".keys-button")
    page.uncheck("dialog input")
    page.click("dialog >> text=Close")
    page.keyboard.press("p")
    page.wait_for_timeout(200)
    assert "#/q/" in page.url


def test_back_forward_reload_and_links_work(visit, service):
    page = answer(ask(visit(service.url), service))
    graded = page.url
    page.go_back()
    page.wait_for_selector("textarea")
    assert QUESTION in page.url
    page.go_forward()
    page.wait_for_selector(".graded")
    page.reload()
    page.wait_for_selector(".graded")
    assert page.url == graded
    page.goto(service.url + "#/browse?q=lambda&level=advanced")
    page.wait_for_selector(".questions li")
    assert page.locator("input[type=search]").input_value() == "lambda"
    page.goto(service.url + "#/q/no-such-question")
    page.wait_for_selector("text=That is not here")
    page.goto(service.url + "#/nowhere")
    page.wait_for_selector("text=There is no such page")


def test_a_draft_survives_reload_and_other_questions(visit, service):
    page = ask(visit(service.url), service)
    page.fill("textarea", "Half a thought 🎉")
    page.reload()
    settled(page)
    assert page.locator("textarea").input_value() == "Half a thought 🎉"
    ask(page, service, "what-is-vpc")
    assert page.locator("textarea").input_value() == ""
    page.go_back()
    page.wait_for_function("() => document.querySelector('textarea')?.value === 'Half a thought 🎉'")


def test_an_empty_answer_is_asked_for_not_graded(visit, service):
    page = ask(visit(service.url), service)
    page.click(".grade-button")
    page.wait_for_selector("text=There is no answer yet")
    assert "#/q/" in page.url


def test_an_answer_outlives_a_restart_of_the_service(visit, tmp_path):
    own = Service(tmp_path).start()
    try:
        page = ask(visit(own.url), own)
        page.fill("textarea", ANSWER)
        own.stop()
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("text=Your answer is safe in this browser")
        assert page.locator("textarea").input_value() == ANSWER
        expect(page.locator(".grade-button")).to_have_text("Grading…")
        own.start()
        page.wait_for_selector(".graded", timeout=40_000)
        page.goto(own.url + "#/progress")
        page.wait_for_selector(".history li")
        expect(page.locator(".history li")).to_have_count(1)
    finally:
        own.stop()


def test_offline_it_says_so_and_the_reload_does_not_lose_the_delivery(visit, service):
    page = ask(visit(service.url), service)
    page.fill("textarea", ANSWER)
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=You are offline")
    page.click("text=Back to the answer")
    page.fill("textarea", f"{ANSWER} {LATER}")
    page.click(".grade-button")
    page.wait_for_selector("text=You are offline")
    page.context.set_offline(False)
    page.wait_for_selector(".graded")
    expect(page.locator(".answer")).to_contain_text(LATER)


def test_an_expired_cookie_costs_the_history_not_the_answer(visit, service):
    page = answer(ask(visit(service.url), service))
    ask(page, service, "what-is-vpc")
    page.fill("textarea", ANSWER)
    page.context.clear_cookies()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".graded")
    expect(page.locator(".notice")).to_contain_text("no longer knew this browser")


def test_a_refusal_that_a_new_visit_cures_is_retried(visit, service):
    page = ask(visit(service.url), service)
    refusals = [401]

    def refuse_once(route):
        if refusals and route.request.method == "POST":
            route.fulfill(status=refusals.pop(), content_type="application/problem+json", body='{"title": "Expired"}')
        else:
            route.continue_()

    page.route("**/api/v1/learners/me/attempts", refuse_once)
    answer(page)
    assert refusals == []


def test_an_answer_shows_as_typed_everywhere(visit, service):
    page = answer(ask(visit(service.url), service), f"{HOSTILE} {ANSWER} {HOSTILE}")
    assert page.locator(".answer").inner_text().count(HOSTILE) == 2
    page.click("text=Improve my answer")
    settled(page)
    assert HOSTILE in page.locator("textarea").input_value()
    answer(page, HOSTILE)
    for address in ("#/progress", f"#/browse?q={HOSTILE}", f"#/q/{HOSTILE}", f"#/{HOSTILE}"):
        page.goto(service.url + address)
        settled(page)
        page.wait_for_timeout(100)
        expect(page.locator("main img")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 768, 1280, 2560])
def test_no_view_scrolls_sideways(visit, service, width):
    page = visit(service.url, viewport=(width, 800))
    wide = "document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(wide)
    answer(ask(page, service), f"{ANSWER} {'unbreakable' * 30}")
    assert not page.evaluate(wide)
    for view in ("#/progress", "#/browse"):
        page.goto(service.url + view)
        page.wait_for_selector("h1:text('Progress'), h1:text('Questions')")
        settled(page)
        assert not page.evaluate(wide), view
    page.keyboard.press("?")
    assert not page.evaluate(wide)


def test_printing_a_grade_gives_a_clean_page(visit, service):
    page = answer(ask(visit(service.url), service))
    page.emulate_media(media="print")
    for gone in ("header.top", "footer", ".actions", ".concept-actions", ".reference"):
        expect(page.locator(gone).first).not_to_be_visible()
    for there in ("h1", ".points", ".answer", ".concepts"):
        expect(page.locator(there).first).to_be_visible()


def test_states_are_told_apart_without_colour(visit, service):
    page = answer(ask(visit(service.url, forced_colors="active"), service))
    lines = page.eval_on_selector_all("mark", "(marks) => marks.map((m) => getComputedStyle(m).textDecorationStyle)")
    assert sorted(set(lines)) == ["dashed", "solid", "wavy"]
    signs = page.eval_on_selector_all("mark .sign", "(signs) => signs.map((s) => s.textContent)")
    assert signs == ["✓2", "½5", "✗3"]
    expect(page.locator("mark.is-covered")).to_contain_text("said right, concept 2")


def test_who_wants_less_motion_gets_none(visit, service):
    page = answer(ask(visit(service.url, reduced_motion="reduce"), service))
    assert page.evaluate("getComputedStyle(document.querySelector('.concept')).transitionDuration") == "0s"


def test_the_clock_suggests_two_minutes_and_stops_nobody(visit, service):
    page = ask(visit(service.url, script="""
        const real = performance.now.bind(performance);
        let skip = 0;
        performance.now = () => real() + skip;
        window.later = () => (skip = 1e9);"""), service)
    page.click("text=Time me")
    assert page.locator(".clock").inner_text() in ("2:00", "1:59", "1:58")
    page.evaluate("later()")
    page.wait_for_selector("text=finish your thought")
    answer(page)


def test_dictation_adds_what_is_said(visit, service):
    page = ask(visit(service.url, script="""
        window.SpeechRecognition = class extends EventTarget {
          start() { window.heard = (text) => this.dispatchEvent(Object.assign(new Event("result"),
            { resultIndex: 0, results: [Object.assign([{ transcript: text }], { isFinal: true })] })); }
          stop() { this.dispatchEvent(new Event("end")); }
        };"""), service)
    page.fill("textarea", "Typed.")
    page.click("text=Dictate")
    page.evaluate("heard(' and spoken')")
    assert page.locator("textarea").input_value() == "Typed. and spoken"
    expect(page.locator(".words")).to_have_text("3 words")
    page.click("text=Listening: stop")
    page.wait_for_selector("text=Dictate")
