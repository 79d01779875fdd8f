// What check.mjs looks at inside a page. Each function runs in the browser and stands alone.

/** Elements that reach beyond the window, other than inside a region that scrolls. */
export function overflow() {
  const width = document.documentElement.clientWidth;
  const scrolls = (element) => element && (["auto", "scroll"].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
  const all = [...document.body.querySelectorAll("*")].filter((element) => !element.closest("svg") || element.tagName === "svg");
  const beyond = all.filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && (box.right > width + 0.5 || box.left < -0.5) && !scrolls(element.parentElement);
  });
  const faults = beyond.map((element) => `${Math.round(element.getBoundingClientRect().right)} px: ${element.outerHTML.slice(0, 80)}`);
  if (document.documentElement.scrollWidth > width) faults.unshift(`the page is ${document.documentElement.scrollWidth} px wide`);
  return { looked: all.length, faults };
}

/** Panels show one of their drawings, as an image with title and description. */
export function panels() {
  const all = [...document.querySelectorAll("figure .panel")];
  const faults = all.flatMap((panel) => {
    const shown = [...panel.querySelectorAll("svg")].filter((svg) => svg.checkVisibility());
    if (shown.length !== 1) return [`${shown.length} drawings shown: ${panel.outerHTML.slice(0, 80)}`];
    const named = (shown[0].getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent.trim());
    return shown[0].getAttribute("role") === "img" && named.length === 2 && named.every(Boolean) ? [] : [`without name: ${shown[0].outerHTML.slice(0, 120)}`];
  });
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `id twice: ${id}`);
  return { looked: all.length, faults: [...faults, ...twice] };
}

/** Texts of figures: their size as rendered, and whether they are cut off or lie over another. */
export function figureTexts() {
  return [...document.querySelectorAll("figure svg")].filter((svg) => svg.checkVisibility()).flatMap((svg) => {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].map((element) => {
      const matrix = element.getScreenCTM();
      const size = parseFloat(getComputedStyle(element).fontSize);
      return { text: element.textContent, px: size * Math.hypot(matrix.a, matrix.b), box: element.getBoundingClientRect() };
    });
    // A box is a line high; letters fill about two thirds of it.
    const inner = ({ left, right, top, bottom }) => ({ left: left + 1, right: right - 1, top: top + (bottom - top) * 0.2, bottom: bottom - (bottom - top) * 0.2 });
    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    return texts.map(({ text, px, box }, i) => {
      const own = inner(box);
      const isCut = own.left < frame.left - 0.5 || own.right > frame.right + 0.5 || own.top < frame.top || own.bottom > frame.bottom;
      const other = texts.find((other, j) => j > i && meet(own, inner(other.box)));
      return { text, px, fault: isCut ? "cut off" : other ? `over "${other.text}"` : null };
    });
  });
}

/** Contrast of the texts of figures with the shapes that are painted below them. */
export function contrasts() {
  const color = (text) => text.match(/[\d.]+/g).map(Number);
  const mix = (below, above, opacity) => below.map((c, i) => c + (above[i] - c) * opacity);
  const luminance = (rgb) => {
    const linear = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const page = color(getComputedStyle(document.querySelector("main")).backgroundColor).slice(0, 3);
  return [...document.querySelectorAll("figure svg")].filter((svg) => svg.checkVisibility()).flatMap((svg) => {
    const elements = [...svg.querySelectorAll("rect, circle, polygon, text")];
    const shapes = elements.map((element) => ({ element, style: getComputedStyle(element), box: element.getBBox() }));
    return shapes.filter(({ element }) => element.tagName === "text").map((text) => {
      const ink = luminance(color(text.style.fill));
      const { x, y, width, height } = text.box;
      const least = [0.1, 0.3, 0.5, 0.7, 0.9].map((share) => {
        const point = new DOMPoint(x + width * share, y + height / 2);
        let below = page;
        for (const shape of shapes.slice(0, shapes.indexOf(text))) {
          if (shape.element.tagName === "text" || shape.style.fill === "none" || !shape.element.isPointInFill(point)) continue;
          below = mix(below, color(shape.style.fill).slice(0, 3), parseFloat(shape.style.fillOpacity) * parseFloat(shape.style.opacity));
        }
        return ratio(ink, luminance(below));
      });
      return { text: text.element.textContent, ratio: Math.min(...least) };
    });
  });
}

/** Regions that scroll: each has to be reached by keyboard and to have a name. */
export function scrollers() {
  const isScroller = (element) => {
    const style = getComputedStyle(element);
    const across = ["auto", "scroll"].includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
    const down = ["auto", "scroll"].includes(style.overflowY) && element.scrollHeight > element.clientHeight + 1;
    return element.checkVisibility() && (across || down);
  };
  document.querySelectorAll("details").forEach((details) => (details.open = true));
  const all = [...document.body.querySelectorAll("*")].filter(isScroller);
  const isNamed = (element) => element.tabIndex === 0 && element.hasAttribute("tabindex") && element.getAttribute("role") === "region" && element.hasAttribute("aria-label");
  return { looked: all.length, faults: all.filter((element) => !isNamed(element)).map((element) => element.outerHTML.slice(0, 100)) };
}

/** What Tab has to reach, marked so that it is known again. */
export function focusables() {
  const all = [...document.querySelectorAll("a[href], summary, [tabindex='0']")].filter((element) => element.checkVisibility());
  return all.map((element, i) => {
    element.dataset.check = String(i);
    return { id: String(i), html: element.outerHTML.slice(0, 80) };
  });
}

/** The texts of headings and captions. */
export function headings() {
  const all = [...document.querySelectorAll("h1, h2, h3, caption")];
  return all.map((element) => element.textContent.replace(/\s+/g, " ").trim());
}

/** Cells of tables that are shown but reach out of what their region shows before it is scrolled. */
export function cut() {
  const cells = [...document.querySelectorAll("th, td")].filter((cell) => cell.checkVisibility());
  const isCut = (cell) => cell.getBoundingClientRect().right > cell.closest(".wide").getBoundingClientRect().right + 1;
  return { looked: cells.length, faults: cells.filter(isCut).map((cell) => `to the right of its region: ${cell.textContent.slice(0, 60)}`) };
}
