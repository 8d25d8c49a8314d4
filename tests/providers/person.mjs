// A person at the provider of provider.mjs: goes to the URL in the first argument, logs in with the name in the second one,
// agrees, and prints the URL to which the provider sends the browser back. With the third argument `deny`, says no.
const [start, login, deny] = process.argv.slice(2);
const jar = new Map();

async function visit(url, form) {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  const answer = await fetch(url, {
    redirect: "manual",
    method: form ? "POST" : "GET",
    headers: { cookie },
    body: form && new URLSearchParams(form),
  });
  for (const line of answer.headers.getSetCookie()) {
    const [name, value] = line.split(";")[0].split(/=(.*)/s);
    if (value) jar.set(name, value); else jar.delete(name);
  }
  return answer;
}

let url = new URL(start);
const origin = url.origin;
for (let step = 0; step < 20; step += 1) {
  if (url.origin !== origin) {
    console.log(url.href);
    process.exit(0);
  }
  let answer = await visit(url);
  if (answer.status === 200) {
    const page = await answer.text();
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (!prompt) throw new Error(page);
    if (deny) answer = await visit(`${url.href}/abort`);
    else answer = await visit(url, prompt === "login" ? { prompt, login, password: "any" } : { prompt });
  }
  const location = answer.headers.get("location");
  if (!location) throw new Error(`${answer.status} at ${url}: ${await answer.text()}`);
  url = new URL(location, url);
}
throw new Error("too many redirects");
