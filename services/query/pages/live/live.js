// What changes while a page is open: how fresh the data are, and whether newer conversations wait. Polls politely:
// only while the page is seen, and slower when the server does not answer.

const EVERY = 5000;

async function ask(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function show(fresh) {
  const place = document.getElementById("freshness");
  if (!place) return;
  place.className = `fresh fresh-${fresh.tone}`;
  place.title = fresh.title;
  place.querySelector(".fresh-text").textContent = fresh.text;
}

function offer(newer) {
  const pill = document.getElementById("newer");
  if (!pill || !newer) return;
  pill.hidden = newer.count === 0;
  pill.textContent = newer.text;
}

let wait = EVERY;

async function round() {
  if (document.visibilityState === "visible") {
    const pill = document.getElementById("newer");
    const query = pill ? `?newer=${encodeURIComponent(pill.dataset.newer ?? "")}&${location.search.slice(1)}` : "";
    try {
      const state = await ask(`/live${query}`);
      show(state.freshness);
      offer(state.newer);
      wait = EVERY;
    } catch {
      wait = Math.min(wait * 2, 60000);
    }
  }
  setTimeout(round, wait);
}

setTimeout(round, EVERY);
