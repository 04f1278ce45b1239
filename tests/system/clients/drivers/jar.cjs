// Node's http and https with the jar of tough-cookie: `jar.cjs authority.pem`.
// A request a line on standard input, a line of JSON on standard output.
"use strict";

const { readFileSync } = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const { createInterface } = require("node:readline");
const { CookieJar, PrefixSecurityEnum, version } = require("tough-cookie");

const ca = readFileSync(process.argv[2]);
// Its strictest way to treat prefixes: what breaks their rules is an error.
const jar = new CookieJar(undefined, { prefixSecurity: PrefixSecurityEnum.STRICT });
// The test hosts are this machine.
const lookup = (_host, options, done) =>
  options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);

async function send(method, url) {
  const cookie = await jar.getCookieString(url);
  const response = await new Promise((resolve, reject) => {
    const headers = cookie === "" ? {} : { cookie };
    const { request } = url.startsWith("https:") ? https : http;
    request(url, { method, ca, lookup, headers, timeout: 20_000, agent: false }, resolve).on("error", reject).end();
  });
  let body = "";
  for await (const part of response.setEncoding("utf8")) body += part;
  for (const line of response.headers["set-cookie"] ?? []) {
    await jar.setCookie(line, url, { ignoreError: true });
  }
  return { status: response.statusCode, body };
}

function stored(cookie) {
  const expires = cookie.expiryTime();
  return {
    name: cookie.key,
    value: cookie.value,
    domain: cookie.domain,
    host_only: cookie.hostOnly,
    path: cookie.path,
    secure: cookie.secure,
    http_only: cookie.httpOnly,
    same_site: cookie.sameSite ?? null,
    partitioned: (cookie.extensions ?? []).includes("Partitioned"),
    expires: Number.isFinite(expires) ? expires / 1000 : null,
  };
}

async function main() {
  console.log(JSON.stringify(`tough-cookie ${version} on Node.js ${process.version}`));
  for await (const line of createInterface({ input: process.stdin })) {
    const [method, url] = line.split(" ");
    const answer = method === "JAR" ? await all() : await send(method, url);
    console.log(JSON.stringify(answer));
  }
}

// What has expired stays in the store until the jar next meets it, and is no cookie any more.
async function all() {
  const { cookies } = await jar.serialize();
  const found = await Promise.all(cookies.map(({ domain, path, key }) => jar.store.findCookie(domain, path, key)));
  return found.filter((cookie) => cookie.TTL() > 0).map(stored);
}

main();
