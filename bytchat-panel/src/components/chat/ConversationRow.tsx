import { Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { ConversationSummary } from '@/api/types';
import { IconButton } from '@/components/ui/IconButton';
import { useFormat } from '@/components/ui/useFormat';
import { classes } from '@/lib/classes';

interface Props {
  conversation: ConversationSummary;
  isCurrent: boolean;
  onDelete: () => void;
  onPicked: (() => void) | undefined;
}

/** A conversation in the list: a link to it, and a way to delete it. */
export function ConversationRow({ conversation, isCurrent, onDelete, onPicked }: Props) {
  const { t } = useTranslation('chat');
  const format = useFormat();
  const { id, bot_id, title, updated_at } = conversation;
  return (
    <li className="group relative">
      <Link
        to={`/bots/${bot_id}/chat/${id}`}
        aria-current={isCurrent ? 'page' : undefined}
        onClick={onPicked}
        className={classes(
          'block rounded-lg py-2 pr-10 pl-3 transition-colors hover:bg-sunken focus-visible:-outline-offset-2',
          isCurrent && 'bg-accent-soft hover:bg-accent-soft',
        )}
      >
        <span className={classes('block truncate text-sm leading-5', isCurrent && 'font-medium')}>{title}</span>
        <span className="block truncate text-muted text-xs leading-4">{format.relative(updated_at)}</span>
      </Link>
      <IconButton
        icon={Trash2}
        size="sm"
        label={t('conversations.delete', { title })}
        onClick={onDelete}
        className="absolute top-1/2 right-1 -translate-y-1/2 focus-visible:opacity-100 group-hover:opacity-100 pointer-fine:opacity-0"
      />
    </li>
  );
}
