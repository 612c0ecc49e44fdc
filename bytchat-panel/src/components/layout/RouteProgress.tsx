// A thin bar at the top while the code of a page is on its way; quick pages show none.
import { useNavigation } from 'react-router';

export function RouteProgress() {
  const isLoading = useNavigation().state === 'loading';
  if (!isLoading) return null;
  return (
    <div aria-hidden className="panel-late fixed inset-x-0 top-0 z-50 h-0.5 overflow-hidden">
      <div className="h-full w-1/3 animate-sweep bg-accent" />
    </div>
  );
}
