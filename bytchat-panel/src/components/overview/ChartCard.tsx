// What every chart has: a heading, what it says in words, and its drawing.
import { type ReactNode, useId } from 'react';
import { Card } from '@/components/ui/Card';

interface ChartCardProps {
  title: string;
  summary: ReactNode;
  children: ReactNode;
}

export function ChartCard({ title, summary, children }: ChartCardProps) {
  const id = useId();
  return (
    <Card role="group" aria-labelledby={id} className="relative flex min-h-80 min-w-0 flex-col">
      <h3 id={id} className="font-semibold text-[15px]">
        {title}
      </h3>
      <p className="mt-1 text-pretty text-muted text-sm">{summary}</p>
      <div className="mt-5 flex min-h-0 min-w-0 flex-1 flex-col">{children}</div>
    </Card>
  );
}

interface HiddenTableProps {
  caption: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

/** The same figures for those who hear the page; the first cell of a row names it. */
export function HiddenTable({ caption, head, rows }: HiddenTableProps) {
  return (
    <div className="sr-only">
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name = '', ...cells]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {cells.map((cell, index) => (
                <td key={head[index + 1]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
