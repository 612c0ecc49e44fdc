// The account: who, what it uses, how the panel looks, the password, where it is open, its copy and its end.
import { useTranslation } from 'react-i18next';
import { ExportSection } from '@/components/account/ExportSection';
import { PasswordSection } from '@/components/account/PasswordSection';
import { PreferencesSection } from '@/components/account/PreferencesSection';
import { ProfileSection } from '@/components/account/ProfileSection';
import { QuotaSection } from '@/components/account/QuotaSection';
import { RemoveAccountSection } from '@/components/account/RemoveAccountSection';
import { SessionsSection } from '@/components/account/SessionsSection';
import { Card } from '@/components/ui/Card';
import { PageHeader } from '@/components/ui/PageHeader';
import { useTitle } from '@/components/ui/useTitle';

export default function AccountPage() {
  const { t } = useTranslation('account');
  useTitle(t('title'));
  return (
    <>
      <PageHeader title={t('title')} description={t('text')} />
      <Card className="p-5 sm:p-8">
        <ProfileSection />
        <QuotaSection />
        <PreferencesSection />
        <PasswordSection />
        <SessionsSection />
        <ExportSection />
        <RemoveAccountSection />
      </Card>
    </>
  );
}
