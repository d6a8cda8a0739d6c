BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'grader','m001_learners_and_attempts','2026-11-21 02:20:43.625499+00:00');
CREATE TABLE attempts (
        id TEXT PRIMARY KEY NOT NULL,
        learner TEXT NOT NULL REFERENCES learners(id) ON DELETE CASCADE,
        question_id TEXT NOT NULL,
        answer TEXT NOT NULL,
        created TEXT NOT NULL,
        hint_used INTEGER NOT NULL DEFAULT 0,
        revealed INTEGER NOT NULL DEFAULT 0,
        score REAL NOT NULL,
        engine TEXT NOT NULL,
        grade TEXT NOT NULL,
        idempotency_key TEXT,
        fingerprint BLOB
    ) STRICT;
INSERT INTO "attempts" VALUES('01a1fbe7ef717c1e8e7987b3dbc001de','1cdf9e26da3a/ann','tea-steeping','Hot water draws flavour.','2026-11-21T02:20:43.761638Z',0,0,47.0,'grader 0 / verifier fake-verifier / encoder fake-encoder','{"id":"","question_id":"tea-steeping","score":47.0,"score_low":13.3,"score_high":80.7,"verdict":"partial","confidence":0.09,"needs_review":true,"similarity":0.632,"coverage":0.5,"concepts":[{"id":"flavour","statement":"Hot water draws flavour.","weight":1.0,"status":"covered","confidence":0.94,"gain":0.0,"evidence":[{"start":0,"end":24,"text":"Hot water draws flavour."}]},{"id":"bitter","statement":"Long steeping makes bitter tea.","weight":1.0,"status":"missing","confidence":0.94,"gain":48.0,"evidence":[]}],"misconceptions":[],"feedback":{"summary":"1 of 2 points right and 1 missing. Most to gain, about 48 points: Long steeping makes bitter tea.","strengths":["“Hot water draws flavour.” says it: Hot water draws flavour."],"gaps":["Not said: Long steeping makes bitter tea. (about +48)"],"corrections":[]},"flags":[],"engine":"grader 0 / verifier fake-verifier / encoder fake-encoder","ms":1.4}','k',X'31');
CREATE TABLE disputes (
        id TEXT PRIMARY KEY NOT NULL,
        attempt TEXT NOT NULL REFERENCES attempts(id) ON DELETE CASCADE,
        concept TEXT NOT NULL,
        should_be TEXT NOT NULL,
        why TEXT NOT NULL,
        created TEXT NOT NULL
    ) STRICT;
INSERT INTO "disputes" VALUES('bdc11ccbe78906c62a090b4560552a4c','01a1fbe7ef717c1e8e7987b3dbc001de','flavour','missing','x','2026-11-21T02:20:43.835281Z');
CREATE TABLE "keys" (
   "id" TEXT PRIMARY KEY,
   "name" TEXT NOT NULL,
   "scopes" TEXT NOT NULL,
   "hash" BLOB NOT NULL,
   "created" TEXT NOT NULL,
   "revoked" TEXT,
   "last_used" TEXT
) STRICT;
INSERT INTO "keys" VALUES('1cdf9e26da3a','tool','grade,learn',X'5F24E431DAE46824BDD91B1B8AD492A27A9343A4DC1AB80B92B1E9FE1EB8F9F5','2026-11-21T02:20:43.731278Z',NULL,NULL);
CREATE TABLE learners (
        id TEXT PRIMARY KEY NOT NULL,
        key TEXT REFERENCES keys(id),
        resume BLOB UNIQUE,
        created TEXT NOT NULL
    ) STRICT;
INSERT INTO "learners" VALUES('1cdf9e26da3a/ann','1cdf9e26da3a',NULL,'2026-11-21T02:20:43.761638Z');
CREATE TABLE regrades (
        attempt TEXT NOT NULL REFERENCES attempts(id) ON DELETE CASCADE,
        engine TEXT NOT NULL,
        grade TEXT NOT NULL,
        created TEXT NOT NULL,
        PRIMARY KEY (attempt, engine)
    ) STRICT;
INSERT INTO "regrades" VALUES('01a1fbe7ef717c1e8e7987b3dbc001de','grader 0 / verifier fake-verifier / encoder fake-encoder','{"id":"","question_id":"tea-steeping","score":47.0,"score_low":13.3,"score_high":80.7,"verdict":"partial","confidence":0.09,"needs_review":true,"similarity":0.632,"coverage":0.5,"concepts":[{"id":"flavour","statement":"Hot water draws flavour.","weight":1.0,"status":"covered","confidence":0.94,"gain":0.0,"evidence":[{"start":0,"end":24,"text":"Hot water draws flavour."}]},{"id":"bitter","statement":"Long steeping makes bitter tea.","weight":1.0,"status":"missing","confidence":0.94,"gain":48.0,"evidence":[]}],"misconceptions":[],"feedback":{"summary":"1 of 2 points right and 1 missing. Most to gain, about 48 points: Long steeping makes bitter tea.","strengths":["“Hot water draws flavour.” says it: Hot water draws flavour."],"gaps":["Not said: Long steeping makes bitter tea. (about +48)"],"corrections":[]},"flags":[],"engine":"grader 0 / verifier fake-verifier / encoder fake-encoder","ms":1.4}','2026-11-21T02:20:43.909703Z');
CREATE TABLE "secrets" (
   "name" TEXT PRIMARY KEY,
   "value" BLOB
) STRICT;
INSERT INTO "secrets" VALUES('service',X'FE4D8D1E090663939340A98D8358FF45B8DB90087158A7A86BC257EA29D1BD6D');
CREATE TABLE summaries (
        learner TEXT PRIMARY KEY NOT NULL REFERENCES learners(id) ON DELETE CASCADE,
        data BLOB NOT NULL
    ) STRICT;
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX attempts_by_time ON attempts (learner, created, id);
CREATE INDEX attempts_by_question ON attempts (learner, question_id);
CREATE UNIQUE INDEX attempts_once ON attempts (learner, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX disputes_by_attempt ON disputes (attempt);
COMMIT;
