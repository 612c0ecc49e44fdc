import { useAnnouncer } from '@/store/announcer';

/** Tells screen readers, when they have a moment, what was announced last. */
export function Announcer() {
  const said = useAnnouncer((state) => state.said);
  return (
    <div aria-live="polite" className="sr-only">
      {said && <p key={said.id}>{said.text}</p>}
    </div>
  );
}
