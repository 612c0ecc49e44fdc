// Personalities to start from: a press fills the instructions, and asks first where something of one's own is there.
import { Sparkles } from 'lucide-react';
import { useState } from 'react';
import type { UseFormReturn } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/Button';
import { ConfirmDialog } from '@/components/ui/ConfirmDialog';
import type { BotFields } from '@/queries/bots';

const PRESETS = ['support', 'formal', 'pirate'] as const;
type Preset = (typeof PRESETS)[number];

export function PromptPresets({ onChoose }: { onChoose: (preset: Preset) => void }) {
  const { t } = useTranslation('bots');
  return (
    <ul aria-label={t('presets.label')} className="flex flex-wrap gap-2">
      {PRESETS.map((preset) => (
        <li key={preset}>
          <Button size="sm" icon={Sparkles} className="rounded-full" onClick={() => onChoose(preset)}>
            {t(`presets.${preset}.name`)}
          </Button>
        </li>
      ))}
    </ul>
  );
}

/** `dialog` has a form of its own and belongs outside of the bot's. */
export function usePromptPresets(form: UseFormReturn<BotFields>) {
  const { t } = useTranslation('bots');
  const [asked, setAsked] = useState<Preset | null>(null);
  const isOwn = (text: string) =>
    text.trim() !== '' && PRESETS.every((preset) => text !== t(`presets.${preset}.prompt`));
  const fill = (preset: Preset) => {
    form.setValue('system_prompt', t(`presets.${preset}.prompt`), { shouldDirty: true, shouldValidate: true });
    setAsked(null);
  };
  const choose = (preset: Preset) => (isOwn(form.getValues('system_prompt')) ? setAsked(preset) : fill(preset));
  const dialog = asked && (
    <ConfirmDialog
      isOpen
      onClose={() => setAsked(null)}
      onConfirm={() => fill(asked)}
      title={t('presets.overwriteTitle')}
      description={t('presets.overwriteText', { name: t(`presets.${asked}.name`) })}
      confirmLabel={t('presets.overwrite')}
    />
  );
  return { choose, dialog };
}
