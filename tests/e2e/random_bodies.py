"""Values that a JSON schema describes, and others that no client should send. Seeded: one seed, one sequence."""

import re

HOSTILE = (
    None,
    True,
    -1,
    0,
    2**31,
    2**63 - 1,
    2**63,
    2**64,
    -(2**63) - 1,
    1.5,
    1e308,
    "",
    " ",
    "\u3000",
    "0",
    "-1",
    "99999999999999999999",
    "x" * 10_000,
    "汉" * 3_000,
    "\x00",
    "a\x00b",
    "\x1b[31m",
    "\x85",
    "\ud800",
    "\U0001f600",
    "\u202eabc",
    "'; DROP TABLE users; --",
    "%' OR '1'='1",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "${jndi:ldap://x}",
    [],
    {},
    [[]],
    [None] * 300,
    {"a": {"a": {"a": {"a": {}}}}},
)
# Tried in turn where a schema has a pattern.
SPECIMENS = ("1", "2", "13800138000", "310000", "order.placed", "*", "", "http://127.0.0.1:9/x")
SPECIMENS += ("2026-11-11T00:00:00Z", "2999-12-31T23:59:59.999+08:00")


class Bodies:
    def __init__(self, document, random):
        self.document = document
        self.random = random

    def hostile(self):
        return self.random.choice(HOSTILE)

    def of(self, schema, trouble=0.15):
        """A value; each part of it is hostile with the probability `trouble`, which may be zero."""
        schema = self.document.follow(schema)
        if self.random.random() < trouble:
            return self.hostile()
        for key in ("anyOf", "oneOf"):
            if key in schema and "type" not in schema:
                return self.of(self.random.choice(schema[key]), trouble)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        make = getattr(self, f"make_{schema.get('type', 'null')}")
        return make(schema, trouble)

    def make_null(self, schema, trouble):
        return None

    def make_boolean(self, schema, trouble):
        return self.random.random() < 0.5

    def make_integer(self, schema, trouble):
        low, high = schema.get("minimum", -(2**31)), schema.get("maximum", 2**31)
        small = self.random.randint(low, min(high, low + 20))
        return self.random.choice((low, high, small, small) + ((low - 1, high + 1) if trouble else ()))

    def make_string(self, schema, trouble):
        if "pattern" in schema:
            specimens = (*SPECIMENS, f"user{self.random.randrange(10**6)}")
            return self.random.choice([s for s in specimens if re.search(schema["pattern"], s)] or ["x"])
        low, high = schema.get("minLength", 0), schema.get("maxLength", 40)
        length = self.random.choice((low, high, min(high, low + 8)) + ((high + 1,) if trouble else ()))
        # No white space at the ends, which would be cut.
        return "".join(self.random.choice("abc中文é-_.'<&") for _ in range(min(length, 2_000)))

    def make_array(self, schema, trouble):
        count = self.random.randint(schema.get("minItems", 0), min(4, schema.get("maxItems", 4)))
        return [self.of(schema.get("items", {}), trouble) for _ in range(count)]

    def make_object(self, schema, trouble):
        required = schema.get("required", [])
        body = {}
        for name, of_member in schema.get("properties", {}).items():
            if (name in required and not trouble) or self.random.random() < (0.95 if name in required else 0.5):
                body[name] = self.of(of_member, trouble)
        if self.random.random() < trouble:
            body[self.random.choice(("", "id", "__proto__", "x" * 300))] = self.hostile()
        return body
