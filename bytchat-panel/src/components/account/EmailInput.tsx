// Where an e-mail is typed that names an account: keyboards and password managers know it by these.
import type { ComponentProps } from 'react';
import { Input } from '@/components/ui/Input';

export function EmailInput(props: ComponentProps<typeof Input>) {
  return <Input {...props} type="email" inputMode="email" autoComplete="username" autoFocus />;
}
