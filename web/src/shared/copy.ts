/** Puts a text on the clipboard. Plain http has no clipboard of its own, so there is a second way. */
export async function copyText(text: string, within: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    // In the dialog that is open: what lies outside of it cannot be selected.
    within.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied;
  }
}
