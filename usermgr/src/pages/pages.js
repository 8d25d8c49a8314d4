"use strict";
// All of this is comfort: without it, every page works.
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
