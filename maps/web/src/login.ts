// What the page behind the log-in looks at stands behind "#", which no server sees: it goes along with the form.
const next = document.querySelector<HTMLInputElement>("input[name=next]")!;
if (location.hash && !next.value.includes("#")) {
  next.value += location.hash;
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[href*='next=']")) {
    const address = new URL(link.href);
    address.searchParams.set("next", next.value);
    link.href = address.href;
  }
}
