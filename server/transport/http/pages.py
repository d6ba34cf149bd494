"""Where the screens are not built: a plain page that says what runs here and how to begin."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from server import __version__
from server.addresses import PAGES
from server.transport.http.endpoint import API
from server.transport.http.pasted import code_pasted

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

_PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shiller</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ font: 1.05rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1.2rem; }}
  code, pre {{ font: 0.95em ui-monospace, monospace; }}
  pre {{ padding: 0.8rem 1rem; border: 1px solid #8886; border-radius: 0.4rem; overflow-x: auto; }}
  .code {{ font: 700 3rem/1.2 ui-monospace, monospace; letter-spacing: 0.15em; margin: 0.5rem 0; }}
  footer {{ margin-top: 3rem; font-size: 0.9rem; opacity: 0.75; }}
</style>
{body}
<footer>Shiller {version} · <a href="{api}/openapi.json">openapi.json</a> ·
<a href="{api}/asyncapi.json">asyncapi.json</a> · <a href="/healthz">healthz</a> · <a href="/readyz">readyz</a></footer>
</html>
"""

_HOME = {
    "en": """<h1>Shiller is running</h1>
<p>A realtime server for clinical training. A trainer opens a session and gets a code of six characters;
trainees join by the code; vital signs that the trainer pushes are seen by everybody at once, and recorded.</p>
<h2>How to begin</h2>
<p>Watch a ten-minute case of anaphylaxis play, twenty times faster:</p>
<pre>shiller demo --url {url} --speed 20</pre>
<p>Or log in and open a session of your own:</p>
<pre>curl {url}{api}/auth/login -H 'Content-Type: application/json' \\
  -d '{{"email": "…", "password": "…"}}'</pre>
<p>The pages for trainers and trainees are not built on this server (<code>make screens</code> does it); the HTTP and
Socket.IO interfaces work.</p>""",
    "fr": """<h1>Shiller est en marche</h1>
<p>Un serveur temps réel pour la formation clinique. Un formateur ouvre une séance et reçoit un code à six
caractères ; les apprenants la rejoignent par ce code ; les constantes envoyées par le formateur sont vues
aussitôt par tous, et enregistrées.</p>
<h2>Pour commencer</h2>
<p>Regarder un cas d’anaphylaxie de dix minutes, vingt fois plus vite :</p>
<pre>shiller demo --url {url} --speed 20</pre>
<p>Ou se connecter et ouvrir sa propre séance :</p>
<pre>curl {url}{api}/auth/login -H 'Content-Type: application/json' \\
  -d '{{"email": "…", "password": "…"}}'</pre>
<p>Les pages des formateurs et des apprenants ne sont pas construites sur ce serveur (<code>make screens</code> le
fait) ; les interfaces HTTP et Socket.IO fonctionnent.</p>""",
}

_JOIN = {
    "en": """<h1>Join a session</h1>
<p>This link is for the session with the code</p>
<p class="code">{code}</p>
<p>The monitor’s page is not built on this server. A Socket.IO client joins with this code
(namespace <code>/trainee</code>, <code>auth: {{"code": "{code}"}}</code>).</p>""",
    "fr": """<h1>Rejoindre une séance</h1>
<p>Ce lien mène à la séance dont le code est</p>
<p class="code">{code}</p>
<p>La page du moniteur n’est pas construite sur ce serveur. Un client Socket.IO rejoint la séance avec ce code
(espace <code>/trainee</code>, <code>auth: {{"code": "{code}"}}</code>).</p>""",
}


def page_routes(public_url: str) -> list[Route]:
    async def home(request: Request) -> Response:
        return _page(request, _HOME, url=public_url, api=API)

    async def join(request: Request) -> Response:
        return _page(request, _JOIN, code=code_pasted(request.path_params["code"]))

    return [Route(PAGES["home"], home), Route(PAGES["join"], join)]


def _page(request: Request, bodies: dict[str, str], **values: str) -> Response:
    language = _language(request.headers.get("accept-language", ""))
    body = bodies[language].format(**values)
    text = _PAGE.format(language=language, body=body, version=__version__, api=API)
    headers = {"Content-Security-Policy": _POLICY, "Vary": "Accept-Language"}
    return HTMLResponse(text, headers=headers)


def _language(accepted: str) -> str:
    first = accepted.split(",")[0].strip().lower()
    return "fr" if first.startswith("fr") else "en"
