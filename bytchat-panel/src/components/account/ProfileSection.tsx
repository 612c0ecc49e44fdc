import { useTranslation } from 'react-i18next';
import { useFormat } from '@/components/ui/useFormat';
import { useSession } from '@/store/session';
import { Section } from './Section';

/** Whose account it is, and since when. */
export function ProfileSection() {
  const { t } = useTranslation('account');
  const format = useFormat();
  const user = useSession((session) => session.user);
  return (
    <Section title={t('profile.title')}>
      <dl className="grid gap-x-10 gap-y-4 sm:grid-cols-2">
        <Fact name={t('profile.email')} value={user?.email} />
        <Fact name={t('profile.since')} value={format.date(user?.created_at)} />
      </dl>
    </Section>
  );
}

function Fact({ name, value }: { name: string; value: string | undefined }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted text-sm">{name}</dt>
      <dd className="wrap-anywhere mt-0.5 text-[15px]">{value}</dd>
    </div>
  );
}
