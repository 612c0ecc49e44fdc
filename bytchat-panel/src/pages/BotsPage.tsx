export default function BotsPage() {
  return null;
}
