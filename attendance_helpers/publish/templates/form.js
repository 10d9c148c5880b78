
"use strict";
// Keeps what is typed into this page within the page itself, and saves the page as a file with the answers inside it.
// It sends nothing anywhere and leaves nothing behind in the browser.
(() => {
  const held = document.getElementById("attendance-form");
  const bar = document.querySelector(".save-bar");
  const status = document.getElementById("form-status");
  const data = JSON.parse(held.textContent); // of this page and its answers: what it says holds
  const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
  const days = "sun mon tue wed thu fri sat".split(" ");

  // The controls of each field, by its key, in the order of the page.
  const fields = new Map();
  for (const control of document.querySelectorAll("#content :is(input, select, textarea)[name]")) {
    fields.set(control.name, [...(fields.get(control.name) || []), control]);
  }

  function answerOf(controls) {
    const [first] = controls;
    const chosen = controls.filter((each) => each.checked).map((each) => each.value);
    if (first.type === "checkbox") return chosen;
    if (first.type === "radio") return chosen[0] || "";
    return first.value.replace(/\p{Surrogate}/gu, "\uFFFD"); // half of a character cannot be saved
  }

  function fill(controls, answer) {
    const given = [answer ?? ""].flat().map(String);
    for (const each of controls) {
      if (each.type === "radio" || each.type === "checkbox") each.checked = given.includes(each.value);
      else each.value = given.join(", ");
    }
  }

  // Writes an answer into the page as its markup says it: for paper, and for whoever opens the file without this script.
  function inscribe(controls) {
    const [first] = controls;
    for (const each of controls) {
      if (each.type === "radio" || each.type === "checkbox") each.toggleAttribute("checked", each.checked);
      else if (each.localName === "input") each.setAttribute("value", each.value);
      else if (each.localName === "select") for (const one of each.options) one.toggleAttribute("selected", one.selected);
      else each.textContent = (each.value.startsWith("\n") ? "\n" : "") + each.value; // the first line end is not read
    }
    const paper = document.getElementById(`${first.id}_paper`);
    if (paper) paper.textContent = first.localName === "select" ? first.selectedOptions[0]?.text || "" : first.value;
  }

  function keep() {
    held.textContent = JSON.stringify(data).replace(/</g, "\\u003c");
  }

  // Takes over the answer of one field, if it is another one now.
  function take(name) {
    const controls = fields.get(name);
    if (!controls) return;
    const answer = answerOf(controls);
    if (String(answer) === String(data.answers[name] ?? "")) return;
    if (answer.length) data.answers[name] = answer;
    else delete data.answers[name];
    inscribe(controls);
    keep();
    tell("Not saved yet");
    addEventListener("beforeunload", ask);
  }

  function ask(event) {
    event.preventDefault();
    event.returnValue = true; // for browsers that do not ask without it
  }

  function tell(words) {
    if (status.textContent !== words) status.textContent = words;
  }

  // A date can be written in many ways, as the reader of returned forms knows them; another is told of, and saved all the same.
  function isDate(text) {
    const plain = text.trim().toLowerCase().replace(/\s+/g, " ").replace(/(\d)(st|nd|rd|th)\b/g, "$1");
    const [, weekday, rest] = plain.match(/^(?:(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? )?(.*)$/);
    const found =
      rest.match(/^(?<d>\d\d?)[-/.](?<m>\d\d?)[-/.](?<y>\d{4}|\d\d)$/) ||
      rest.match(/^(?<y>\d{4})[-/.](?<m>\d\d?)[-/.](?<d>\d\d?)$/) ||
      rest.match(/^(?<d>\d\d?)[- ](?<m>[a-z]{3,})\.?[- ](?<y>\d{4}|\d\d)$/);
    if (!found) return false;
    const { d, m, y } = found.groups;
    const month = /\d/.test(m) ? m - 1 : months.indexOf(m.slice(0, 3));
    const day = new Date(y.length === 2 ? 2000 + +y : +y, month, d);
    const real = month >= 0 && day.getMonth() === month && day.getDate() === +d && day.getFullYear() >= 2000;
    return real && (!weekday || weekday === days[day.getDay()]);
  }

  function checkDate(control) {
    const wrong = control.value.trim() !== "" && !isDate(control.value);
    if (wrong) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    document.getElementById(`${control.id}_told`).textContent = wrong
      ? "We cannot read this as a date. Please write it like 12/3/2027."
      : "";
  }

  // What is only for a page with a script is shown by the script, and hidden again in the file that it saves.
  function shown(root, scripted) {
    for (const each of root.querySelectorAll("[data-script]")) each.hidden = (each.dataset.script === "on") !== scripted;
  }

  function save() {
    const copy = document.documentElement.cloneNode(true);
    shown(copy, false);
    for (const each of copy.querySelectorAll("#form-status, .told")) each.textContent = "";
    for (const each of copy.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
    const file = new Blob(["<!doctype html>\n", copy.outerHTML], { type: "text/html;charset=utf-8" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = bar.dataset.saveAs;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    removeEventListener("beforeunload", ask);
    const time = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    tell(`Saved as ${link.download} at ${time}`);
  }

  for (const [name, controls] of fields) {
    fill(controls, data.answers[name]);
    inscribe(controls);
  }
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, ({ target }) => {
      // What is pasted into a field of one line stays one line.
      if (target.dataset.kind === "line" && /\n/.test(target.value)) target.value = target.value.replace(/\s*\n\s*/g, " ");
      take(target.name);
    });
  }
  document.addEventListener("focusout", ({ target }) => target.dataset?.kind === "date" && checkDate(target));
  document.addEventListener("click", ({ target }) => {
    const name = target.closest?.("[data-clears]")?.dataset.clears;
    if (!name) return;
    fill(fields.get(name), "");
    take(name);
    fields.get(name)[0].focus(); // the button is gone with the answer
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.dataset?.kind === "line" && !event.isComposing) event.preventDefault();
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      save();
    }
  });
  document.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("form-save").addEventListener("click", save);
  document.getElementById("form-print").addEventListener("click", () => print());
  tell(Object.keys(data.answers).length ? "No changes yet" : "Nothing typed yet");
  shown(document, true);
})();
