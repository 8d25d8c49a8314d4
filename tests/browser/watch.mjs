// What every visit of a page shows, whatever it is about: that its answers have the policy, and that the browser complains about nothing.

/** Notes what is wrong with the answers of the shop while a page is open, in a list that it returns. */
export function watch(page, shop) {
  const faults = [];
  page.on("response", (response) => {
    const { "content-type": type, "content-security-policy": policy } = response.headers();
    const isPage = response.url().startsWith(shop) && type?.startsWith("text/html");
    if (isPage && !policy?.startsWith("default-src 'none'")) faults.push(`no policy: ${response.url()}`);
  });
  page.on("console", (message) => {
    // The status of a page with an error is what it should be. The tests of each page look at it.
    const isStatus = /^Failed to load resource: the server responded with a status of 4\d\d /.test(message.text());
    if (!isStatus) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`script: ${error}`));
  return faults;
}

/** What a person sees first: the address without secrets, the heading and the notice. */
export async function sight(page) {
  const url = new URL(page.url());
  if (url.searchParams.has("token")) url.searchParams.set("token", "..");
  const text = async (selector) => {
    const found = page.locator(selector);
    return (await found.count()) ? (await found.first().innerText()).trim() : null;
  };
  return {
    url: url.pathname.replace(/[0-9a-f-]{32,36}/, "..") + decodeURIComponent(url.search),
    heading: await text("h1"),
    notice: await text(".notice"),
    errors: (await page.locator(".errors li").allInnerTexts()).map((text) => text.trim()),
  };
}
