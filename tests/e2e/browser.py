"""A browser without scripts, for tests that go through pages as a person does. Standard library only."""

import html.parser
import urllib.parse


class Form:
    def __init__(self, attributes):
        self.action = attributes.get("action", "")
        self.method = attributes.get("method", "get").upper()
        self.fields = {}


class Page(html.parser.HTMLParser):
    """What a page offers: its forms with their fields as they stand, its links, its text."""

    def __init__(self, answer):
        super().__init__()
        self.status = answer.status
        self.headers = answer.headers
        self.forms = []
        self.links = []
        self.text = ""
        self.select = None
        self.feed(answer.body.decode())

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.forms.append(Form(attributes))
        elif tag == "input":
            self.forms[-1].fields[attributes["name"]] = attributes.get("value", "")
        elif tag == "select":
            self.select = attributes["name"]
        elif tag == "option" and self.select:
            self.forms[-1].fields[self.select] = attributes["value"]  # the first one
            self.select = None
        elif tag == "a":
            self.links.append(attributes["href"])

    def handle_data(self, data):
        self.text += data

    @property
    def form(self):
        assert len(self.forms) == 1, self.text
        return self.forms[0]


class Browser:
    """Speaks to one server and goes nowhere else."""

    def __init__(self, client):
        self.client = client
        self.address = None

    def open(self, address, method="GET", fields=None):
        for _ in range(5):
            self.address = urllib.parse.urljoin(f"http://127.0.0.1:{self.client.server.port}/", address)
            target = urllib.parse.urlsplit(self.address)
            assert target.netloc == f"127.0.0.1:{self.client.server.port}", self.address
            path = target.path + ("?" + target.query if target.query else "")
            if method == "POST":
                body = urllib.parse.urlencode(fields).encode()
                headers = {"Content-Type": "application/x-www-form-urlencoded"}
                answer = self.client.request("POST", path, raw=body, headers=headers)
            else:
                answer = self.client.get(path)
            if answer.status not in (302, 303):
                return Page(answer)
            address, method = answer.headers["location"], "GET"
        raise AssertionError("redirected for ever")

    def send(self, form):
        assert form.method == "POST", form.method
        return self.open(form.action, "POST", form.fields)
