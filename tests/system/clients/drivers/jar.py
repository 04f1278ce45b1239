"""Python's jars: `jar.py requests|cookiejar authority.pem`.

A request a line on standard input, a line of JSON on standard output.
"""

import http.cookiejar
import json
import platform
import socket
import ssl
import sys
import urllib.error
import urllib.request


def with_requests(authority):
    import requests

    session = requests.Session()
    session.verify = authority
    session.trust_env = False

    def send(method, url):
        response = session.request(method, url, timeout=20)
        return response.status_code, response.text

    return f"requests {requests.__version__}", session.cookies, send


def with_cookiejar(authority):
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=authority)),
        urllib.request.HTTPCookieProcessor(jar),
    )

    def send(method, url):
        try:
            response = opener.open(urllib.request.Request(url, method=method), timeout=20)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            return response.status, response.read().decode()

    return f"http.cookiejar of Python {platform.python_version()}", jar, send


def stored(cookie):
    return {
        "name": cookie.name,
        "value": cookie.value,
        "domain": cookie.domain.lstrip("."),
        "host_only": not cookie.domain_specified,
        "path": cookie.path,
        "secure": cookie.secure,
        "http_only": cookie.has_nonstandard_attr("HttpOnly"),
        "same_site": cookie.get_nonstandard_attr("SameSite"),
        "partitioned": cookie.has_nonstandard_attr("Partitioned"),
        "expires": cookie.expires,
    }


def main():
    _, which, authority = sys.argv
    look_up = socket.getaddrinfo
    # The test hosts are this machine.
    socket.getaddrinfo = lambda _host, *rest, **named: look_up("127.0.0.1", *rest, **named)
    name, jar, send = {"requests": with_requests, "cookiejar": with_cookiejar}[which](authority)
    print(json.dumps(name), flush=True)
    for line in sys.stdin:
        method, _, url = line.rstrip("\n").partition(" ")
        if method == "JAR":
            answer = [stored(cookie) for cookie in jar]
        else:
            status, body = send(method, url)
            answer = {"status": status, "body": body}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
