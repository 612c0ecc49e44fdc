export default function ToolboxPage() {
  return null;
}
