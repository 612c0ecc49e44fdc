// A password that can be looked at while it is typed.
import { Eye, EyeOff } from 'lucide-react';
import { type ComponentProps, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/ui/IconButton';
import { Input } from '@/components/ui/Input';

export function PasswordInput(props: ComponentProps<'input'>) {
  const { t } = useTranslation('auth');
  const [isShown, setIsShown] = useState(false);
  return (
    <span className="relative block">
      <Input
        autoCapitalize="none"
        spellCheck={false}
        {...props}
        type={isShown ? 'text' : 'password'}
        className="pr-11"
      />
      <IconButton
        icon={isShown ? EyeOff : Eye}
        label={isShown ? t('hidePassword') : t('showPassword')}
        aria-pressed={isShown}
        aria-controls={props.id}
        size="sm"
        onClick={() => setIsShown((was) => !was)}
        className="absolute top-1 right-1"
      />
    </span>
  );
}
