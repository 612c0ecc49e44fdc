import { Outlet } from 'react-router';

export function BotLayout() {
  return <Outlet />;
}
