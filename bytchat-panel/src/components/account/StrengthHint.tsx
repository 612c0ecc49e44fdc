// How good a password is, while it is chosen.
import { useTranslation } from 'react-i18next';
import { classes } from '@/lib/classes';
import { type PasswordStrength, passwordStrength } from '@/lib/passwordStrength';

const STEPS: Record<PasswordStrength, { filled: number; colour: string }> = {
  short: { filled: 0, colour: 'bg-line' },
  weak: { filled: 1, colour: 'bg-warn' },
  good: { filled: 2, colour: 'bg-ok' },
  strong: { filled: 3, colour: 'bg-ok' },
};

export function StrengthHint({ password }: { password: string }) {
  const { t } = useTranslation('auth');
  const strength = passwordStrength(password);
  const { filled, colour } = STEPS[strength];
  return (
    <span className="flex items-center gap-3">
      <span>{t(`strength.${strength}`)}</span>
      <span aria-hidden className="ml-auto flex gap-1">
        {[1, 2, 3].map((step) => (
          <span key={step} className={classes('h-1 w-8 rounded-full', step <= filled ? colour : 'bg-line')} />
        ))}
      </span>
    </span>
  );
}
