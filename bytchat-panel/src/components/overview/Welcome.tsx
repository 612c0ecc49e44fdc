// The first thing that a new account sees: three steps and one thing to press.
import { FileText, KeyRound, type LucideIcon, MessageSquareQuote, Plus, Bot as RobotIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/Button';

export function Welcome({ onCreate }: { onCreate: () => void }) {
  const { t } = useTranslation('overview');
  return (
    <div className="mx-auto flex max-w-4xl flex-col items-center py-6 text-center sm:py-14">
      <h1 className="text-balance font-semibold text-3xl tracking-tight sm:text-4xl">{t('welcome.title')}</h1>
      <p className="mt-4 max-w-xl text-pretty text-base text-muted leading-7">{t('welcome.text')}</p>
      <ol aria-label={t('welcome.stepsLabel')} className="mt-10 grid w-full gap-4 text-left sm:grid-cols-3">
        <Step n={1} icon={RobotIcon} title={t('welcome.step1')} text={t('welcome.step1Text')} />
        <Step n={2} icon={FileText} title={t('welcome.step2')} text={t('welcome.step2Text')} />
        <Step n={3} icon={MessageSquareQuote} title={t('welcome.step3')} text={t('welcome.step3Text')} />
      </ol>
      <Button variant="primary" icon={Plus} className="mt-10 h-11 px-6" onClick={onCreate}>
        {t('welcome.action')}
      </Button>
      <p className="mt-4 flex items-center gap-2 text-left text-muted text-sm">
        <KeyRound aria-hidden className="size-4 shrink-0" />
        {t('welcome.noKey')}
      </p>
    </div>
  );
}

interface StepProps {
  n: number;
  icon: LucideIcon;
  title: string;
  text: string;
}

function Step({ n, icon: Icon, title, text }: StepProps) {
  return (
    <li className="flex gap-4 rounded-xl border border-line bg-surface p-5 sm:flex-col">
      <span className="grid size-10 shrink-0 place-items-center rounded-lg bg-accent-soft text-accent">
        <Icon aria-hidden className="size-5" />
      </span>
      <div>
        <h2 className="font-semibold text-[15px]">
          <span aria-hidden="true" className="mr-1.5 text-muted tabular-nums">
            {n}.
          </span>
          {title}
        </h2>
        <p className="mt-1 text-muted text-sm leading-5">{text}</p>
      </div>
    </li>
  );
}
