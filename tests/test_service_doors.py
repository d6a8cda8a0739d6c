"""Who is let in, how often, and with which headers."""

import pytest

from grader.service.auth import is_loopback
from grader.service.limits import Limits
from grader.store import Store
from tests.serving import ITEM, code, key, service

ME = "/api/v1/learners/me"


def test_on_loopback_without_keys_no_sign_in_is_needed(tmp_path):
    with service(tmp_path) as client:
        assert client.post("/api/v1/grade", json=ITEM).status_code == 200
        assert "concepts" in client.get("/api/v1/questions/tea-steeping?reveal=true").json()


def test_once_there_is_a_key_it_is_needed(tmp_path):
    mine = key(tmp_path)
    with service(tmp_path) as client:
        given = client.post("/api/v1/grade", json=ITEM)
        assert code(given) == (401, "unauthorised")
        assert given.headers["www-authenticate"].startswith("Bearer")
        assert client.post("/api/v1/grade", json=ITEM, headers=mine).status_code == 200
        assert client.get("/").status_code == 200
        assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer x", "Basic abc", "Bearer gr_0123456789ab_" + "x" * 43, "é"])
def test_a_wrong_key_is_refused_even_where_none_is_needed(tmp_path, shown):
    with service(tmp_path) as client:
        assert code(client.get("/api/v1/topics", headers={"Authorization": shown.encode()})) == (401, "unauthorised")


def test_a_revoked_key_is_refused_at_once(tmp_path):
    mine = key(tmp_path)
    with service(tmp_path) as client:
        assert client.get("/api/v1/topics", headers=mine).status_code == 200
        store = Store(tmp_path / "learners.db")
        assert store.keys()[0].last_used
        store.revoke("tool", "2026-01-01")
        store.close()
        assert code(client.get("/api/v1/topics", headers=mine)) == (401, "unauthorised")
        assert code(client.get("/api/v1/topics")) == (401, "unauthorised")


def test_a_key_may_do_what_its_scopes_say(tmp_path):
    grade, learn = key(tmp_path, "grade", "a"), key(tmp_path, "learn", "b")
    author = key(tmp_path, "author", "c")
    with service(tmp_path) as client:
        assert client.post("/api/v1/grade", json=ITEM, headers=grade).status_code == 200
        assert code(client.post("/api/v1/grade", json=ITEM, headers=learn)) == (403, "forbidden")
        assert code(client.post(f"{ME}/attempts", json=ITEM, headers=grade)) == (403, "forbidden")
        assert client.post(f"{ME}/attempts", json=ITEM, headers=learn).status_code == 201
        reveal = "/api/v1/questions/tea-steeping?reveal=true"
        assert code(client.get(reveal, headers=learn)) == (403, "forbidden")
        assert "concepts" in client.get(reveal, headers=author).json()


def test_visitors_are_let_in_where_that_was_asked_for(tmp_path):
    key(tmp_path)
    with service(tmp_path, host="0.0.0.0", allow_anonymous=True) as client:
        assert client.post("/api/v1/grade", json=ITEM).status_code == 200
        assert code(client.get("/api/v1/learners/ann/next")) == (401, "unauthorised")
        assert code(client.get("/api/v1/questions/tea-steeping?reveal=true")) == (403, "forbidden")
        assert client.post(f"{ME}/attempts", json=ITEM).status_code == 201
        assert "concepts" in client.get("/api/v1/questions/tea-steeping?reveal=true").json()


def test_a_name_that_is_not_ours_is_refused_on_loopback(tmp_path):
    with service(tmp_path) as client:
        assert code(client.get("/api/v1/topics", headers={"Host": "evil.example"})) == (400, "bad_input")
        assert client.get("/api/v1/topics", headers={"Host": "localhost:8000"}).status_code == 200
        assert client.get("/api/v1/topics", headers={"Host": "[::1]:8000"}).status_code == 200
    with service(tmp_path, hosts=("grader.example",)) as client:
        assert client.get("/api/v1/topics", headers={"Host": "grader.example"}).status_code == 200


@pytest.mark.parametrize(("host", "only_here"), [("127.0.0.1", True), ("localhost", True), ("::1", True),
                                                 ("127.8.8.8", True), ("0.0.0.0", False), ("::", False),
                                                 ("example.com", False), ("", False)])
def test_loopback(host, only_here):
    assert is_loopback(host) is only_here


# ---------------------------------------------------------------- how often


def test_a_key_has_its_minute(tmp_path):
    mine = key(tmp_path)
    with service(tmp_path, rate_key=3) as client:
        left = [client.get("/api/v1/topics", headers=mine).headers["ratelimit-remaining"] for _ in range(3)]
        given = client.get("/api/v1/topics", headers=mine)

        assert left == ["2", "1", "0"]
        assert code(given) == (429, "too_many_requests")
        assert given.headers["ratelimit-limit"] == "3"
        assert 1 <= int(given.headers["retry-after"]) <= 20


def test_wrong_keys_use_up_the_addresss_minute(tmp_path):
    with service(tmp_path, rate_address=2) as client:
        wrong = {"Authorization": "Bearer wrong"}
        assert [client.get("/api/v1/topics", headers=wrong).status_code for _ in range(3)] == [401, 401, 429]


def test_ones_own_machine_has_no_limit(tmp_path):
    with service(tmp_path, rate_address=1, rate_key=1) as client:
        assert [client.get("/api/v1/topics").status_code for _ in range(3)] == [200, 200, 200]


def test_limits_are_shared_and_refill(tmp_path):
    time = [1000.0]
    one, other = (Limits(tmp_path / "limits", clock=lambda: time[0]) for _ in range(2))
    granted = [limits.take("a", 4).granted for limits in (one, other, one, other, one)]
    assert granted == [True, True, True, True, False]
    assert one.take("b", 4).granted
    time[0] += 15.0
    assert [other.take("a", 4).granted, one.take("a", 4).granted] == [True, False]
    time[0] -= 3600.0
    assert not one.take("a", 4).granted
    time[0] += 60.0
    assert one.take("a", 4).granted
    one.close()
    other.close()


# ---------------------------------------------------------------- headers


@pytest.mark.parametrize("path", ["/", "/api/v1/topics", "/api/v1/nope", "/nope", "/schema", "/health/live"])
def test_security_headers_are_on_everything(tmp_path, path):
    with service(tmp_path) as client:
        headers = client.get(path).headers

    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-request-id"]


def test_a_request_id_is_passed_on_where_it_is_harmless(tmp_path):
    with service(tmp_path) as client:
        assert client.get("/health/live", headers={"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
        assert client.get("/health/live", headers={"X-Request-ID": "a b"}).headers["x-request-id"] != "a b"


def test_other_origins_are_let_in_only_where_they_are_named(tmp_path):
    ask = {"Origin": "https://lms.example", "Access-Control-Request-Method": "POST"}
    with service(tmp_path) as client:
        assert "access-control-allow-origin" not in client.get("/api/v1/topics", headers=ask).headers
    with service(tmp_path, cors=("https://lms.example",)) as client:
        given = client.get("/api/v1/topics", headers=ask)
        assert given.headers["access-control-allow-origin"] == "https://lms.example"
        evil = client.get("/api/v1/topics", headers={"Origin": "https://evil.example"})
        assert evil.headers.get("access-control-allow-origin") != "https://evil.example"
