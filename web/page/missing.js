// The page for what is not there is shown under any address, so its relative
// links may lead nowhere. This script was found, and so knows where the site is.
{
  const site = new URL("..", document.currentScript.src);
  addEventListener("DOMContentLoaded", () => {
    for (const link of document.querySelectorAll("a[data-in-site]")) {
      link.href = new URL(link.dataset.inSite, site);
    }
  });
}
