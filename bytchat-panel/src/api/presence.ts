// Whether the panel's own server answers: where it does not, nothing of the panel can be loaded.

export async function isPanelThere(): Promise<boolean> {
  try {
    return (await fetch('/theme.js', { method: 'HEAD', cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}
