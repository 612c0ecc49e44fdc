// A part of a bot's settings: what it is about at its side.
import type { ReactNode } from 'react';
import { Card } from '@/components/ui/Card';

interface Props {
  title: string;
  text: string;
  children: ReactNode;
}

export function SettingsSection({ title, text, children }: Props) {
  return (
    <Card className="grid gap-x-10 gap-y-5 p-5 sm:p-6 lg:grid-cols-[15rem_1fr]">
      <div>
        <h2 className="font-semibold text-base">{title}</h2>
        <p className="mt-1 text-muted text-sm">{text}</p>
      </div>
      <div className="flex min-w-0 flex-col gap-5">{children}</div>
    </Card>
  );
}
