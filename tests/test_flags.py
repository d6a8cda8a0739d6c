from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.domain import Flag
from grader.evaluate.labelled import read_labelled
from grader.flags import ALIEN, SURE, UNLIKE, is_alien, oddities, restates, says_nothing

QUESTION = "What is the difference between a security group and a network ACL?"
REFERENCE = ("A security group is stateful and knows allow rules only, whereas a network ACL is stateless and has "
             "numbered allow and deny rules that apply to a whole subnet.")
FAIR = "The first one remembers connections, so replies pass; the second filters each packet at the subnet's edge."
ANSWERS = sorted((Path(__file__).parent.parent / "bank" / "answers").glob("*.jsonl"))


def flagged(answer, **more):
    return {f.value for f in oddities(answer, QUESTION, (REFERENCE,), **more)}


@pytest.mark.parametrize("answer", [
    FAIR,
    "SG = stateful, allow only, ENI. NACL = stateless, allow+deny, numbered, subnet.",
    "stateful vs stateless; allow rules only vs allow and deny",
    "I don't know, sorry, I never used it.",
    "Security groups are stateful, and NACLs need ephemeral ports opened for the replies.",
    "resp. traffic auto-allowed (stateful) -> SG; must be opened -> NACL",
])
def test_an_honest_answer_has_no_flag(answer):
    assert flagged(answer, topical=0.5) == set()


@pytest.mark.parametrize("answer", [
    "", " \n\t", "\u200b\u202e\ufeff", "🙂🙂🙂", "...?!", "<p></p>", "** __ `` --", "&nbsp;"])
def test_nothing_said_is_empty_and_nothing_else(answer):
    assert flagged(answer, topical=0.0, said=False) == {"empty"}


@pytest.mark.parametrize("answer", ["stateful", "no idea", "a", "42", "aaaaaaaaaaaaaaaaaaaaaaa", "状态"])
def test_a_word_or_two_is_too_short(answer):
    assert "too_short" in flagged(answer)


def test_a_script_without_spaces_is_not_too_short():
    assert flagged("安全组是有状态的，网络访问控制列表是无状态的") == {"not_english"}


@pytest.mark.parametrize("answer", [
    "stateful, stateless, allow, deny, subnet, ENI, ephemeral ports",
    "- stateful\n- stateless\n- allow\n- deny\n- subnet\n- instance",
    "stateful stateless allow deny subnet instance inbound outbound ephemeral ports CIDR",
    "aws:SourceIp, 0.0.0.0/0, ephemeral ports, 1024-65535, ENI, subnet, VPC",
    "stateful / stateless / allow / deny / subnet / ENI",
])
def test_names_in_a_row_are_a_keyword_list(answer):
    assert flagged(answer) == {"keyword_list"}


@pytest.mark.parametrize("answer", [
    QUESTION,
    "what is the difference between a security group and a network acl",
    "The difference between a security group and a network ACL is a difference between a group and an ACL.",
    "**" + QUESTION.replace(" ", "\u200b ") + "**",
])
def test_the_question_again_is_no_answer(answer):
    assert "restates_question" in flagged(answer)


@pytest.mark.parametrize(("question", "answer", "repeats"), [
    ("Is a security group stateful or stateless?", "A security group is stateful.", False),
    ("Is a security group stateful or stateless?", "Is a security group stateful or stateless?", True),
    ("Is S3 an object store?", "S3 is an object store.", False),
    ("Is S3 an object store?", "is S3 an object store", True),
    ("How does S3 store objects?", "S3 store objects how does S3", True),
    ("", "Anything at all goes here.", False),
])
def test_a_closed_question_holds_the_words_of_its_answer(question, answer, repeats):
    assert restates(answer, question) is repeats


def test_the_reference_pasted_is_named():
    assert flagged(REFERENCE) == {"copied_reference"}
    assert flagged("Well. " + REFERENCE.upper()) == {"copied_reference"}


def test_a_quotation_is_no_copy():
    assert flagged(f"{FAIR} So a security group is stateful and knows allow rules only.") == set()


@pytest.mark.parametrize("answer", [
    "Eine Security Group ist zustandsbehaftet und kennt nur Allow-Regeln, die NACL ist zustandslos.",
    "Un groupe de sécurité est avec état, et la liste de contrôle ne garde pas les connexions.",
    "Un grupo de seguridad es con estado y la lista de control no guarda las conexiones del cliente.",
    "Un gruppo di sicurezza è stateful e la lista di controllo non ricorda le connessioni.",
    "O grupo de segurança é com estado e a lista de controle não guarda as conexões do cliente.",
    "Een security group is stateful en de netwerklijst onthoudt de verbindingen niet.",
    "Grupa bezpieczeństwa jest stanowa i zna tylko reguły zezwalające, a lista nie pamięta połączeń.",
    "En säkerhetsgrupp är tillståndsbevarande och har bara regler som tillåter, men listan minns inte.",
    "Bir güvenlik grubu durum bilgisi tutar ve ağ listesi için her yön ayrı olarak yazılır.",
    "Группа безопасности отслеживает состояние, а сетевой список нет.",
    "مجموعة الأمان ذات حالة وتسمح فقط، أما قائمة الشبكة فلا تتذكر الاتصالات",
    "セキュリティグループはステートフルで、許可ルールだけを持ちます。",
    "Nhóm bảo mật ghi nhớ các kết nối, danh sách mạng thì không nhớ gì cả.",
    "보안 그룹은 상태를 저장하고 네트워크 목록은 저장하지 않습니다.",
])
def test_other_languages_are_told(answer):
    assert flagged(answer) == {"not_english"}


def test_off_topic_needs_an_unlike_text_that_touches_no_concept():
    tea = "Steep green tea at eighty degrees for two minutes or it turns bitter."

    assert flagged(tea, topical=UNLIKE - 0.01, said=False) == {"off_topic"}
    assert flagged(tea, topical=UNLIKE + 0.01, said=False) == set()
    assert flagged(tea, topical=UNLIKE - 0.01, said=True) == set()
    assert flagged("I have no idea, I have never used it.", topical=0.0, said=False) == set()


@pytest.mark.parametrize("answer", [
    "", "<br>", QUESTION, "I don't know.", "no idea, sorry", "Good question! Thanks for asking.", "a " * 50,
    "I would have to look that up, sorry, it is long ago.", "It depends on the situation."])
def test_there_may_be_nothing_to_read(answer):
    assert says_nothing(answer, QUESTION)


@pytest.mark.parametrize("answer", [FAIR, "stateful", "It remembers.", "never the second, they forget", "状态", "L7"])
def test_a_single_word_may_say_something(answer):
    assert not says_nothing(answer, QUESTION)


def test_a_closed_question_may_be_answered_by_no():
    assert not says_nothing("No.", "Is a network ACL stateful?")


def test_an_alien_answer_is_far_and_the_verifier_in_doubt():
    tea = "Steep green tea at eighty degrees for two minutes or it turns bitter."

    assert is_alien(tea, ALIEN - 0.01, 1.0)
    assert is_alien(tea, UNLIKE - 0.01, SURE - 0.01)
    assert not is_alien(tea, UNLIKE - 0.01, SURE + 0.01)
    assert not is_alien(tea, UNLIKE + 0.01, 0.0)
    assert not is_alien("L7 against L4", 0.0, 0.0)


@given(st.text(max_size=80), st.text(max_size=80), st.booleans())
def test_any_text_gets_flags_in_their_order_without_repetition(answer, question, said):
    found = oddities(answer, question, (question,), topical=0.1, said=said)

    assert list(found) == [f for f in Flag if f in found]
    assert Flag.empty not in found or found == (Flag.empty,)


def test_on_labelled_answers_lists_are_found_and_notes_are_spared():
    """The bars behind docs/flags.md, whose recipe prints the whole table."""
    blocks = read_labelled(ANSWERS)
    fires = {kind: [Flag.keyword_list in oddities(a.answer) for b in blocks for a in b.answers if a.kind == kind]
             for kind in ("stuffed", "terse", "full")}

    assert sum(fires["stuffed"]) >= 0.95 * len(fires["stuffed"])
    assert sum(fires["terse"]) <= 0.01 * len(fires["terse"])
    assert sum(fires["full"]) == 0


def test_on_labelled_answers_no_other_flag_fires():
    odd = [(b.qid, a.kind, f) for b in read_labelled(ANSWERS)[::4] for a in b.answers
           for f in oddities(a.answer, b.question, (b.reference,)) if f is not Flag.keyword_list]

    assert odd == []
