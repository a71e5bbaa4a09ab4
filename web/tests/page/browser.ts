/** What browsers do and happy-dom does not: measure, show popovers, close dialogs, save files. */

export const savedFiles: string[] = [];

const WIDTH = 1000; // CSS pixels

Object.defineProperty(HTMLElement.prototype, "clientWidth", { get: () => WIDTH });

HTMLElement.prototype.showPopover = function () {
  this.dataset.shown = "";
};
HTMLElement.prototype.hidePopover = function () {
  delete this.dataset.shown;
};

// happy-dom would leave the page for the file.
HTMLAnchorElement.prototype.click = function () {
  savedFiles.push(this.download);
};

// Once all listeners have seen the key, and whether or not they let the next one see it.
addEventListener("keydown", (event) => queueMicrotask(() => closeOn(event)), { capture: true });

function closeOn(event: KeyboardEvent): void {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  const open = document.querySelectorAll("dialog[open]");
  open.item(open.length - 1)?.dispatchEvent(new Event("cancel", { cancelable: true }));
}
