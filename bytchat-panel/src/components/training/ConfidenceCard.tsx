// How sure the search is that the documents hold the answer, and what the bot would make of that.
import { CircleCheck, CircleSlash, Settings } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Bot, Found } from '@/api/types';
import { LinkButton } from '@/components/ui/LinkButton';
import { useFormat } from '@/components/ui/useFormat';
import { classes } from '@/lib/classes';
import { digitsToTell, wouldAnswer } from '@/lib/confidence';

interface Props {
  bot: Bot;
  found: Found;
}

export function ConfidenceCard({ bot, found }: Props) {
  const { t } = useTranslation('training');
  const format = useFormat();
  const { min_score: least } = bot;
  const { confidence } = found;
  const digits = digitsToTell(confidence, least);
  const shown = { confidence: format.decimal(confidence, digits), least: format.decimal(least, digits) };
  const isEnough = wouldAnswer(found, least);
  const Icon = isEnough ? CircleCheck : CircleSlash;
  return (
    <section
      aria-label={t('search.confidence')}
      className="flex flex-col gap-4 rounded-xl border border-line bg-surface p-5"
    >
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <Icon aria-hidden className={classes('mt-0.5 size-6 shrink-0', isEnough ? 'text-ok' : 'text-warn')} />
        <div role="status" className="min-w-0 flex-1 basis-56">
          <p className="text-pretty font-semibold text-base">{t(verdictOf(bot, isEnough))}</p>
          <p className="mt-1 text-pretty text-muted text-sm leading-5">
            {isEnough ? t('search.enough', shown) : t('search.notEnough', shown)}{' '}
            {bot.grounding === 'open' && t('search.isOpen')}
          </p>
        </div>
        <LinkButton to={`/bots/${bot.id}/settings`} size="sm" icon={Settings}>
          {t('search.settings')}
        </LinkButton>
      </div>
      <Meter confidence={confidence} least={least} isEnough={isEnough} shown={shown} />
      {!isEnough && bot.grounding === 'strict' && <WouldSay refusal={bot.refusal} />}
    </section>
  );
}

function verdictOf({ grounding }: Bot, isEnough: boolean) {
  if (grounding === 'strict') return isEnough ? 'search.strictAnswers' : 'search.strictRefuses';
  return isEnough ? 'search.openKnows' : 'search.openKnowsNot';
}

interface MeterProps {
  confidence: number;
  least: number;
  isEnough: boolean;
  shown: { confidence: string; least: string };
}

function Meter({ confidence, least, isEnough, shown }: MeterProps) {
  const { t } = useTranslation('training');
  const at = (share: number) => `${Math.min(1, Math.max(0, share)) * 100}%`;
  return (
    <div>
      <div aria-hidden className="relative my-1 h-2.5 rounded-full bg-line">
        <div
          className={classes('h-full min-w-1 rounded-full', isEnough ? 'bg-ok' : 'bg-warn')}
          style={{ width: at(confidence) }}
        />
        <div
          aria-hidden
          className="absolute -inset-y-1.5 w-0.5 bg-ink"
          style={{ left: `calc(${at(least)} - 1px)` }}
        />
      </div>
      <p className="mt-2 flex flex-wrap justify-between gap-x-6 text-muted text-xs tabular-nums">
        <span>{t('search.confidenceIs', shown)}</span>
        <span>{t('search.leastIs', shown)}</span>
      </p>
    </div>
  );
}

function WouldSay({ refusal }: { refusal: string }) {
  const { t } = useTranslation('training');
  const { t: tBots } = useTranslation('bots');
  return (
    <p className="wrap-anywhere text-sm leading-5">
      {t('search.wouldSay', { refusal: refusal || tBots('grounding.refusalPlaceholder') })}
    </p>
  );
}
