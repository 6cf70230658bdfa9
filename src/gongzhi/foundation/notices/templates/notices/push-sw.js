// Shows what the town pushes. It holds nothing and answers no request.
"use strict";

self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data?.json() || {};
  } catch {
    told = {};
  }
  event.waitUntil(self.registration.showNotification(told.title || "{{ title|escapejs }}", { tag: told.tag || "gongzhi", icon: "{{ icon }}", data: { url: told.url || "/notices/" } }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.url || "/notices/", self.location.origin);
  event.waitUntil(self.clients.openWindow(url.origin === self.location.origin ? url.href : "/notices/"));
});
