(() => {
  const root = document.getElementById("attention");
  const part = (name) => root.querySelector(`.attention-${name}`);
  const lines = part("lines");
  const slider = root.querySelector("input");
  const ROW = 36; // pixels, as in course.css
  const state = { sentence: 0, asks: SENTENCES[0].asks };

  // softmax(q · k / √d · sharpness), the greatest score taken off first
  function weights({ query, key }, asks, sharpness) {
    const q = query[asks];
    const scores = key.map((k) => (sharpness * k.reduce((sum, value, i) => sum + value * q[i], 0)) / Math.sqrt(q.length));
    const greatest = Math.max(...scores);
    const powers = scores.map((score) => Math.exp(score - greatest));
    const total = powers.reduce((sum, power) => sum + power, 0);
    return powers.map((power) => power / total);
  }

  function button(text, pressed, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.setAttribute("aria-pressed", pressed);
    made.addEventListener("click", act);
    return made;
  }

  function build() {
    const { words } = SENTENCES[state.sentence];
    part("choice").replaceChildren(
      ...SENTENCES.map((sentence, number) =>
        button(sentence.words.join(" "), number === state.sentence, () => {
          Object.assign(state, { sentence: number, asks: sentence.asks });
          build();
          part("choice").children[number].focus();
        }),
      ),
    );
    part("asks").replaceChildren(
      ...words.map((word, place) =>
        button(word, place === state.asks, () => {
          state.asks = place;
          update();
        }),
      ),
    );
    part("asked").replaceChildren(
      ...words.map((word) => {
        const item = document.createElement("li");
        item.append(Object.assign(document.createElement("span"), { textContent: word }), document.createElement("b"));
        return item;
      }),
    );
    lines.setAttribute("viewBox", `0 0 100 ${ROW * words.length}`);
    lines.style.height = `${ROW * words.length}px`;
    lines.replaceChildren(...words.map(() => document.createElementNS("http://www.w3.org/2000/svg", "path")));
    update();
  }

  function update() {
    const sentence = SENTENCES[state.sentence];
    const sharpness = Number(slider.value);
    const shares = weights(sentence, state.asks, sharpness);
    const height = (place) => ROW * (place + 0.5);
    shares.forEach((share, place) => {
      const [from, to] = [height(state.asks), height(place)];
      lines.children[place].setAttribute("d", `M0 ${from} C50 ${from} 50 ${to} 100 ${to}`);
      lines.children[place].style.strokeWidth = `${0.5 + 14 * share}px`;
      lines.children[place].style.opacity = 0.15 + 0.85 * share;
      const item = part("asked").children[place];
      item.lastChild.textContent = `${Math.round(100 * share)} %`;
      item.style.setProperty("--share", share);
    });
    [...part("asks").children].forEach((one, place) => one.setAttribute("aria-pressed", place === state.asks));
    const most = shares.indexOf(Math.max(...shares));
    part("said").textContent =
      sharpness === 0
        ? `With a sharpness of 0 “${sentence.words[state.asks]}” looks at all words alike.`
        : `“${sentence.words[state.asks]}” looks most at “${sentence.words[most]}”: ${Math.round(100 * shares[most])} %.`;
    root.querySelector("output").textContent = `scores × ${sharpness}`;
  }

  slider.addEventListener("input", update);
  build();
})();
