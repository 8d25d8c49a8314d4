// What a script learns from beside the shop: mails, and that time passes.

/** The text at an address that the tests serve. */
export async function fetchText(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status}: ${url}`);
  return response.text();
}
