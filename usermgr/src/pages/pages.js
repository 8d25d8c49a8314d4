"use strict";
// All of this is comfort: without it, every page works but those of passkeys, which need a script.
const hiding = new Map();
for (const input of document.querySelectorAll("input[type=password]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "show";
  button.setAttribute("aria-controls", input.id);
  const show = (shows) => {
    input.type = shows ? "text" : "password";
    const { showLabel, hideLabel } = input.dataset;
    button.textContent = shows ? input.dataset.hide : input.dataset.show;
    // Who speaks to the device says what they read: the text is in the name.
    button.setAttribute("aria-label", shows ? hideLabel : showLabel);
  };
  show(false);
  hiding.set(input, () => show(false));
  button.addEventListener("click", () => show(input.type === "password"));
  const box = document.createElement("div");
  box.className = "secret";
  input.replaceWith(box);
  box.append(input, button);
}
for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    // A second click sends nothing a second time, unless the first one came to nothing.
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 5000);
    // Browsers offer to keep what a field of this type had.
    for (const [input, hide] of hiding) if (form.contains(input)) hide();
  });
}
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// Passkeys: the browser answers the options of a form, and the form takes its answer along.
const passkeys = window.PublicKeyCredential;
let asking;
async function answer(form, mediation) {
  // A browser asks one question at a time.
  asking?.abort();
  asking = new AbortController();
  const makes = form.dataset.passkey === "create";
  const parse = makes ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
  const problem = form.querySelector("[role=alert]");
  problem.hidden = true;
  try {
    const publicKey = passkeys[parse](JSON.parse(form.dataset.options));
    const request = { publicKey, mediation, signal: asking.signal };
    const credential = await navigator.credentials[makes ? "create" : "get"](request);
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  } catch (error) {
    // Another question was asked, or no button was pressed.
    if (error.name === "AbortError" || mediation) return;
    problem.textContent = error.name === "InvalidStateError" ? problem.dataset.known : problem.dataset.failed;
    problem.hidden = false;
  }
}
if (passkeys?.parseRequestOptionsFromJSON) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.previousElementSibling?.matches(".lacking") && form.previousElementSibling.remove();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer(form);
    });
    const offers = "waits" in form.dataset && passkeys.isConditionalMediationAvailable?.();
    Promise.resolve(offers).then((does) => does && answer(form, "conditional"));
  }
  // What was removed here vanishes from the device too.
  const kept = document.querySelector("[data-passkeys]")?.dataset.passkeys;
  if (kept) passkeys.signalAllAcceptedCredentials?.(JSON.parse(kept)).catch(() => {});
}
const { skipsTo } = document.body.dataset;
if (skipsTo) {
  const can = passkeys?.parseRequestOptionsFromJSON && passkeys.isUserVerifyingPlatformAuthenticatorAvailable();
  Promise.resolve(can).then((can) => can || location.replace(skipsTo));
}
