export function PageError() {
  return null;
}
