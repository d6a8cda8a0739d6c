import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.derive import MOST, derive
from grader.text import tidy

PROSE = st.lists(st.sampled_from(
    "A queue keeps messages. It is durable; Workers take them, and for example, such as S3 (aside) the - \n".split(" "))
    | st.text(max_size=4), max_size=80).map(" ".join)


def claims(*references):
    return [c.statement for c in derive(references)]


@pytest.mark.parametrize(("reference", "expected"), [
    # One claim a sentence; a part with its own subject and verb is a claim too.
    ("Security groups are stateful. Network ACLs are stateless, and only ACLs know deny rules.",
     ["Security groups are stateful.", "Network ACLs are stateless.", "Only ACLs know deny rules."]),
    ("A security group sits on the instance; a network ACL sits on the subnet.",
     ["A security group sits on the instance.", "A network ACL sits on the subnet."]),
    # What only shares its verb or its condition with the rest is not cut off.
    ("The role is assumed, and then dropped.", ["The role is assumed, and then dropped."]),
    ("If the zone fails, the standby takes over, and the endpoint stays the same.",
     ["If the zone fails, the standby takes over, and the endpoint stays the same."]),
    ("Its life has two phases: init and invoke.", ["Its life has two phases: init and invoke."]),
    ("You can promote it, but you do that yourself.", ["You can promote it, but you do that yourself."]),
    # Examples and asides are left out, the clause around them stays.
    ("Queues decouple services. For example, a shop queues its orders.", ["Queues decouple services."]),
    ("Scaling policies watch metrics; with target tracking, for example, I ask for fifty percent.",
     ["Scaling policies watch metrics."]),
    ("Storage services, such as S3, are durable.", ["Storage services are durable."]),
    ("The edge keeps files, such as images, scripts and fonts.", ["The edge keeps files."]),
    ("Metrics are data points, such as CPU load or request count, identified by a namespace.",
     ["Metrics are data points, identified by a namespace."]),
    ("Each group has its own retention, say two weeks for logs.", ["Each group has its own retention."]),
    ("A NAT gateway (one for each zone) lets private hosts out.", ["A NAT gateway lets private hosts out."]),
    ("Yes. It depends. I think in layers. Secrets stay out of the code.", ["Secrets stay out of the code."]),
    ("What is a queue? A queue keeps messages.", ["A queue keeps messages."]),
    # A claim stands alone: leading words go, pronouns become nouns or keep their company.
    ("First, I measure the load. Finally the team tests the restore.",
     ["I measure the load.", "The team tests the restore."]),
    ("CloudFront is a content delivery network. It keeps copies in edge locations.",
     ["CloudFront is a content delivery network.", "CloudFront keeps copies in edge locations."]),
    ("Managed policies are shared. Their versions can be rolled back.",
     ["Managed policies are shared.", "Managed policies' versions can be rolled back."]),
    ("I create a role in account B. Its trust policy names account A.",
     ["I create a role in account B; its trust policy names account A."]),
    # Notes and lists.
    ("- Security groups are stateful.\n- NACLs are stateless.",
     ["Security groups are stateful.", "NACLs are stateless."]),
    ("Differences:\n1. A group is stateful\n2. An ACL is stateless", ["A group is stateful.", "An ACL is stateless."]),
    ("stateful vs stateless, allow vs deny", ["Stateful vs stateless, allow vs deny."]),
    ("Rollback is quick, and blue/green is possible too.", ["Rollback is quick.", "Blue/green is possible too."]),
    ("aws:SourceIp restricts the address. iSCSI mounts a volume.",
     ["aws:SourceIp restricts the address.", "iSCSI mounts a volume."]),
    # Short as they are, they are all there is.
    ("Durability", ["Durability"]),
    ("It depends.", ["It depends."]),
])
def test_claims(reference, expected):
    assert claims(reference) == expected


def test_a_second_reference_adds_only_what_is_new():
    assert claims("Queues keep messages.", "Queues keep messages. Topics push messages.") == [
        "Queues keep messages.", "Topics push messages."]


def test_ids_count_up():
    assert [c.id for c in derive(("Queues keep messages. Topics push messages.",))] == ["c1", "c2"]


def test_a_long_reference_gives_no_more_concepts_than_a_rubric_has():
    text = " ".join(f"Service number {n} keeps the data of the customer {n}." for n in range(40))

    derived = claims(text)

    assert len(derived) <= MOST
    assert all(f"number {n} " in " ".join(derived) for n in range(40))


@given(PROSE)
def test_whatever_the_reference_its_concepts_are_usable(text):
    derived = derive((text,))

    assert len({c.id for c in derived}) == len(derived) <= MOST
    assert all(0 < len(c.statement) <= 600 and c.statement.strip() for c in derived)
    assert bool(derived) == bool(tidy(text))
