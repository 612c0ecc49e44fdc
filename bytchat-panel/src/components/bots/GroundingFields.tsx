// Where a bot's answers may come from, how sure it must be of them, and what a strict one says otherwise.
import { FileSearch } from 'lucide-react';
import { useId } from 'react';
import { type UseFormReturn, useWatch } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Field } from '@/components/ui/Field';
import { Input } from '@/components/ui/Input';
import { Textarea } from '@/components/ui/Textarea';
import { trySearch } from '@/lib/trySearch';
import type { BotFields } from '@/queries/bots';
import { charactersIn, MAX_REFUSAL, SCORE_STEP } from './botFields';
import { Counter } from './Counter';
import { useFault } from './useFault';

interface Props {
  botId: string;
  form: UseFormReturn<BotFields>;
}

export function GroundingFields({ botId, form }: Props) {
  const { errors } = form.formState;
  // What keeps the form from being saved must be seen.
  const hasRefusal = useWatch({ control: form.control, name: 'grounding' }) === 'strict' || errors.refusal;
  return (
    <>
      <GroundingChoice form={form} />
      <MinScoreField botId={botId} form={form} />
      {hasRefusal && <RefusalField form={form} />}
    </>
  );
}

const GROUNDINGS = ['strict', 'open'] as const;

function GroundingChoice({ form }: Pick<Props, 'form'>) {
  const { t } = useTranslation('bots');
  const id = useId();
  return (
    <fieldset className="grid gap-3 sm:grid-cols-2">
      <legend className="sr-only">{t('grounding.title')}</legend>
      {GROUNDINGS.map((grounding) => (
        <label
          key={grounding}
          className="flex cursor-pointer items-start gap-3 rounded-xl border border-line-strong p-4 transition-colors hover:bg-sunken has-checked:border-accent has-checked:bg-accent-soft has-checked:ring-1 has-checked:ring-accent"
        >
          <input
            type="radio"
            value={grounding}
            aria-labelledby={`${id}-${grounding}`}
            aria-describedby={`${id}-${grounding}-text`}
            {...form.register('grounding')}
            className="mt-1 size-4 shrink-0 cursor-pointer accent-accent"
          />
          <span className="min-w-0">
            <span id={`${id}-${grounding}`} className="block font-medium text-[15px]">
              {t(`grounding.${grounding}.name`)}
            </span>
            <span id={`${id}-${grounding}-text`} className="mt-0.5 block text-pretty text-muted text-sm leading-5">
              {t(`grounding.${grounding}.text`)}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function MinScoreField({ botId, form }: Props) {
  const { t } = useTranslation('bots');
  const [score, grounding] = useWatch({ control: form.control, name: ['min_score', 'grounding'] });
  const slide = (value: number) => form.setValue('min_score', value, { shouldDirty: true, shouldValidate: true });
  const hint = (
    <>
      {t(`grounding.${grounding}.scoreHint`)}{' '}
      <Link
        {...trySearch(botId)}
        className="inline-flex items-baseline gap-1 text-accent underline underline-offset-4"
      >
        <FileSearch aria-hidden className="size-4 shrink-0 self-center" />
        {t('grounding.scoreTry')}
      </Link>
    </>
  );
  return (
    <Field label={t('grounding.score')} hint={hint} {...useFault(form, 'min_score')}>
      {(control) => (
        <div className="flex items-start gap-4">
          <div className="min-w-0 flex-1">
            <input
              type="range"
              aria-label={t('grounding.scoreSlider')}
              aria-describedby={control['aria-describedby']}
              min={0}
              max={1}
              step={SCORE_STEP}
              value={Number.isFinite(score) ? score : 0}
              onChange={(event) => slide(event.target.valueAsNumber)}
              className="h-10 w-full cursor-pointer accent-accent"
            />
            <p aria-hidden className="flex justify-between gap-4 text-muted text-xs leading-4">
              <span className="max-w-40">{t('grounding.lower')}</span>
              <span className="max-w-40 text-right">{t('grounding.higher')}</span>
            </p>
          </div>
          <Input
            {...control}
            {...form.register('min_score', { valueAsNumber: true })}
            type="number"
            inputMode="decimal"
            min={0}
            max={1}
            step={SCORE_STEP}
            className="w-24 shrink-0 tabular-nums"
          />
        </div>
      )}
    </Field>
  );
}

function RefusalField({ form }: Pick<Props, 'form'>) {
  const { t } = useTranslation('bots');
  const refusal = useWatch({ control: form.control, name: 'refusal' });
  return (
    <div>
      <Field
        label={t('grounding.refusal')}
        hint={t('grounding.refusalHint', { refusal: t('grounding.refusalPlaceholder') })}
        isOptional
        {...useFault(form, 'refusal')}
      >
        {(control) => (
          <Textarea
            {...control}
            {...form.register('refusal')}
            isAutoGrowing
            className="min-h-18"
            placeholder={t('grounding.refusalPlaceholder')}
          />
        )}
      </Field>
      <Counter used={charactersIn(refusal)} limit={MAX_REFUSAL} />
    </div>
  );
}
