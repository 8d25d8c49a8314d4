//! One manager of a type in one place. Extractors find it by its type in the data of the application or of a scope, where a second one
//! would silently replace the first. Mounting claims the place, and extractors refuse a place that is claimed twice.

use std::{
    any::TypeId,
    cell::{Cell, RefCell},
    collections::{HashMap, HashSet},
    marker::PhantomData,
    rc::Rc,
    sync::Arc,
};

use actix_web::{
    dev::{AppService, HttpServiceFactory},
    web::ServiceConfig,
};

use crate::manager::UserManager;

thread_local! {
    /// For each type, the manager that has lost its place to the one that is registered next. An application registers all its services at
    /// once, in order, on the thread that makes it.
    static LOST: RefCell<HashMap<TypeId, usize>> = RefCell::default();
    /// The types of which two managers claim one place. Each thread has its own application.
    static CLAIMED_TWICE: RefCell<HashSet<TypeId>> = RefCell::default();
}

/// Claims the place of this manager's type.
pub(super) fn claim<M: UserManager>(config: &mut ServiceConfig, manager: &Arc<M>) {
    let gone = Rc::new(Cell::new(false));
    config.app_data(Claim::<M>(gone.clone(), PhantomData));
    config.service(Claimant { manager: manager.clone(), gone });
}

/// Whether two managers of this type claim one place.
pub(super) fn is_contested<M: UserManager>() -> bool {
    CLAIMED_TWICE.with_borrow(|types| types.contains(&TypeId::of::<M>()))
}

/// Is in the data beside the manager, and is dropped when another mount puts its own there.
struct Claim<M>(Rc<Cell<bool>>, PhantomData<M>);

impl<M> Drop for Claim<M> {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

/// Is registered among the services of the application, after all mounts and before it serves.
struct Claimant<M> {
    manager: Arc<M>,
    gone: Rc<Cell<bool>>,
}

impl<M: UserManager> HttpServiceFactory for Claimant<M> {
    fn register(self, _: &mut AppService) {
        let (kind, own) = (TypeId::of::<M>(), Arc::as_ptr(&self.manager).addr());
        let before = LOST.with_borrow_mut(|lost| {
            let before = lost.remove(&kind);
            if self.gone.get() {
                lost.insert(kind, own);
            }
            before
        });
        // The same manager may be mounted in parts.
        if before.is_some_and(|other| other != own) {
            tracing::error!(
                target: "usermgr",
                manager = std::any::type_name::<M>(),
                "two managers of one type are mounted in one place, and extractors cannot tell which is meant: mount each in its own scope"
            );
            CLAIMED_TWICE.with_borrow_mut(|types| types.insert(kind));
        }
    }
}
