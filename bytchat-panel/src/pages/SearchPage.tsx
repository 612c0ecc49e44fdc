// What a bot's search finds for a question, and whether the bot would answer it: without asking any model.
import { useTranslation } from 'react-i18next';
import { useLocation, useNavigate, useParams } from 'react-router';
import { BackToDocuments } from '@/components/training/BackToDocuments';
import { SearchForm } from '@/components/training/SearchForm';
import { SearchResults } from '@/components/training/SearchResults';
import { SearchStart } from '@/components/training/SearchStart';
import { PageHeader } from '@/components/ui/PageHeader';
import { useTitle } from '@/components/ui/useTitle';
import { type SearchTrial, trialOf } from '@/lib/trySearch';
import { useSearch } from '@/queries/search';

export default function SearchPage() {
  const { botId = '' } = useParams();
  const { t } = useTranslation('training');
  const trial = trialOf(useLocation().state);
  const navigate = useNavigate();
  const search = useSearch(botId, trial);
  useTitle(t('search.title'));
  const look = (next: SearchTrial) => {
    if (next.query === trial.query && next.limit === trial.limit) void search.refetch();
    else void navigate('.', { state: next, relative: 'path' });
  };
  return (
    <>
      <div className="-mt-2 mb-4">
        <BackToDocuments botId={botId} />
      </div>
      <PageHeader title={t('search.title')} description={t('search.description')} />
      <div className="flex flex-col gap-6">
        <SearchForm key={trial.query} trial={trial} isBusy={search.isFetching} onSearch={look} />
        {trial.query === '' ? (
          <SearchStart botId={botId} onAsk={(query) => look({ ...trial, query })} />
        ) : (
          <SearchResults botId={botId} query={trial.query} search={search} />
        )}
      </div>
    </>
  );
}
