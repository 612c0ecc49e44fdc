import { Link, useSearchParams } from 'react-router';

interface Props {
  question: string;
  to: string;
  label: string;
}

/** From the login to the registration and back, without forgetting where one wanted to go. */
export function OtherDoor({ question, to, label }: Props) {
  const [search] = useSearchParams();
  const next = search.get('next');
  return (
    <p className="mt-8 text-[15px] text-muted">
      {question}{' '}
      <Link
        to={next ? `${to}?${new URLSearchParams({ next })}` : to}
        className="rounded-sm font-medium text-accent underline-offset-4 hover:underline"
      >
        {label}
      </Link>
    </p>
  );
}
