"""Where a request goes: its path in any spelling that clients use, and whose API it speaks.

Pure: a method, a path and header values in, a route out. What is not known here is passed on.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from urllib.parse import unquote


class Provider(str, Enum):
    """Whose upstream a request goes to."""

    ANTHROPIC = "anthropic"
    OPENAI = "openai"
    CHATGPT = "chatgpt"
    GEMINI = "gemini"
    BEDROCK = "bedrock"


@dataclass(frozen=True, slots=True)
class Route:
    """`path` is the upstream's, still percent-encoded. `project` is the prefix the client put
    before it, empty without one. `form` names the wire format of its body, empty where the body
    passes as it is; `kind` says what is asked for, in one of a few words of ours. `offers` says
    whether the answer is one in which the retrieve tool can be served. `model` is the one that
    the path names.
    """

    provider: Provider
    path: str
    kind: str
    form: str = ""
    project: str = ""
    offers: bool = False
    model: str = ""


_WITHOUT_MORE = ("messages", "messages/count_tokens", "completions", "embeddings")
_WITH_MORE = ("messages/batches", "chat/completions", "responses/compact", "responses", "models")
"""Operations of Anthropic and OpenAI. Those with more have an id, or what is done to it, behind."""
_OPERATION = f"/(?:{'|'.join((*_WITHOUT_MORE, *(f'{name}(?:/.*)?' for name in _WITH_MORE)))})"
_GEMINI_VERBS = (
    *("generateContent", "streamGenerateContent", "countTokens", "embedContent", "predict"),
    *("batchEmbedContents", "batchGenerateContent", "asyncBatchEmbedContent"),
    *("predictLongRunning", "generateAnswer"),
)
_GEMINI_LISTS = "models|tunedModels|files|fileSearchStores|cachedContents|batches|operations"

# All are in linear time over any path: a repetition has a bound, or ends at the first mismatch.
_PROJECT = re.compile(r"/p/(?P<project>[^/]+)(?=/|\Z)")
_BARE = re.compile(rf"{_OPERATION}\Z")
_VERSIONED = re.compile(r"/*(?:/v1)+(?P<rest>/.*)?\Z")
_PREFIXED = re.compile(rf"(?:/v1){{1,8}}(?P<rest>{_OPERATION})\Z")
_GEMINI = re.compile(
    r"/v1(?:alpha|beta\d*)?/(?:tuned)?[mM]odels/(?P<model>[^/:]+)"
    rf":(?P<verb>{'|'.join(_GEMINI_VERBS)})\Z"
)
_GEMINI_ANY = re.compile(r"/*(?:/(?:upload|download))?/v1(?:alpha|beta\d*)(?:/.*)?\Z")
_GEMINI_PREFIXED = re.compile(
    rf"(?:/(?:upload|download))?/v1(?:alpha|beta\d*)/(?:{_GEMINI_LISTS})(?:[/:].*)?\Z"
)
_BEDROCK = re.compile(
    r"/model/(?P<model>[^/]+)"
    r"/(?P<verb>converse|converse-stream|invoke|invoke-with-response-stream|count-tokens)\Z"
)
_AZURE = re.compile(r"/openai(?:/deployments/[^/]+|/v1)(?P<operation>/.*)")
_AZURE_PREFIXED = re.compile(rf"/openai(?:/deployments/[^/]+|/v1)(?P<operation>{_OPERATION})\Z")

_OPENAI_FORMS = {
    "/chat/completions": "openai_chat",
    "/responses": "openai_responses",
    "/responses/compact": "openai_responses",
}
_USUAL = 200
"""Characters of a path up to which its route is remembered."""
_GEMINI_READ = ("generateContent", "streamGenerateContent")


def recognise(path: str, headers: Mapping[str, str]) -> Route:
    """The route of a path. `/p/NAME` before it is always a project; another prefix is one only
    before an operation known here. Header names in `headers` are lower-case."""
    provider = _provider_of(headers)
    return _usual(path, provider) if len(path) <= _USUAL else _recognised(path, provider)


def _recognised(path: str, provider: Provider) -> Route:
    """The route of a path; `provider` is whose it is where the path does not tell."""
    project = ""
    if named := _PROJECT.match(path):
        project, path = named["project"], path[named.end() :] or "/"
    route = _bedrock(path) or _gemini(path) or _azure(path) or _known(path, provider)
    found = route or Route(provider, path, "other")
    return found if not project else _within(found, project)


# Clients ask the same few paths over and over.
_usual = lru_cache(maxsize=256)(_recognised)


def _within(route: Route, project: str) -> Route:
    project = f"{project}{'/' if route.project else ''}{route.project}"
    return replace(route, project=project)


def _bedrock(path: str) -> Route | None:
    found = _BEDROCK.search(path)
    if found is None:
        return None
    verb = found["verb"]
    form = ""
    if verb.startswith("converse"):
        form = "bedrock_converse"
    elif verb.startswith("invoke") and "anthropic" in found["model"]:
        form = "anthropic_messages"
    project, model = _name(path[: found.start()]), unquote(found["model"])
    return Route(Provider.BEDROCK, found[0], verb, form, project, bool(form), model)


def _gemini(path: str) -> Route | None:
    if found := _GEMINI.search(path):
        verb, model = found["verb"], found["model"]
        form = "gemini" if verb in _GEMINI_READ else ""
        project = _name(path[: found.start()])
        return Route(Provider.GEMINI, found[0], verb, form, project, bool(form), model)
    if _GEMINI_ANY.match(path):
        return Route(Provider.GEMINI, path, "other")
    if found := _GEMINI_PREFIXED.search(path):
        return Route(Provider.GEMINI, found[0], "other", "", _name(path[: found.start()]))
    return None


def _azure(path: str) -> Route | None:
    found = _AZURE.match(path) or _AZURE_PREFIXED.search(path)
    if found is None:
        return None
    return _openai(Provider.OPENAI, found[0], found["operation"], path[: found.start()])


def _known(path: str, provider: Provider) -> Route | None:
    """The paths of Anthropic and OpenAI, with `/v1` once, twice or not at all."""
    prefix, rest = "", path
    if found := _VERSIONED.match(path):
        rest = found["rest"] or ""
    elif _BARE.match(path) is None:
        found = _PREFIXED.search(path)
        if found is None:
            return None
        prefix, rest = path[: found.start()], found["rest"]
    if rest == "/messages" or rest.startswith("/messages/"):
        form = "anthropic_messages" if rest == "/messages" else ""
        kind, project = _kind(rest), _name(prefix)
        return Route(Provider.ANTHROPIC, f"/v1{rest}", kind, form, project, offers=bool(form))
    if rest in _OPENAI_FORMS and provider is not Provider.CHATGPT:
        provider = Provider.OPENAI
    return _openai(provider, f"/v1{rest}", rest, prefix)


def _openai(provider: Provider, path: str, operation: str, prefix: str) -> Route:
    form = _OPENAI_FORMS.get(operation, "")
    offers = bool(form) and operation != "/responses/compact"
    return Route(provider, path, _kind(operation), form, _name(prefix), offers)


def _kind(operation: str) -> str:
    """An operation in a word of ours."""
    said = operation[1:]
    if said in _WITHOUT_MORE:
        return said
    known = (name for name in _WITH_MORE if said == name or said.startswith(f"{name}/"))
    return next(known, "other")


def _name(prefix: str) -> str:
    return prefix.strip("/")


def _provider_of(headers: Mapping[str, str]) -> Provider:
    """By what only one provider's clients send."""
    if "chatgpt-account-id" in headers:
        return Provider.CHATGPT
    if "x-goog-api-key" in headers:
        return Provider.GEMINI
    if headers.get("authorization", "").startswith("AWS4-HMAC-"):
        return Provider.BEDROCK
    claude = headers.get("user-agent", "").lower().startswith(("claude", "anthropic"))
    if claude or "anthropic-version" in headers or "x-api-key" in headers:
        return Provider.ANTHROPIC
    return Provider.OPENAI


def upstream_url(base: str, provider: Provider, path: str, query: str) -> str:
    """The address of `path` under an upstream's base URL, which may or may not end in the
    version that the path begins with."""
    base = base.rstrip("/")
    if path.startswith("/v1/") and (
        base.endswith("/v1") or "/deployments/" in base or provider is Provider.CHATGPT
    ):
        path = path[3:]
    return f"{base}{path}?{query}" if query else f"{base}{path}"
